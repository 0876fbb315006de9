"""VGG networks (Simonyan and Zisserman, arXiv:1409.1556, table 1).

Names of the weights are torchvision's, so that its state dicts load, but for `num_batches_tracked`.
"""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

CONFIGURATIONS = {
    "vgg16": ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)),
}


class VGG(nn.Module):
    """Five groups of 3x3 convolutions, a pooling after each, and 4096-4096-classes."""

    def __init__(
        self,
        configuration: tuple[tuple[int, ...], ...],
        *,
        shape: tuple[int, int, int],
        classes: int,
        norm: Callable[[int], nn.Module],
        dropout: float,
    ) -> None:
        """`shape` is [channels, height, width] of the images; sides of 32 and more."""
        super().__init__()
        channels, height, width = shape
        if min(height, width) < 32:
            raise ValueError(f"VGG pools five times: {height}x{width} is under 32 pixels")
        layers: list[nn.Module] = []
        for widths in configuration:
            for out in widths:
                convolution = nn.Conv2d(channels, out, 3, padding=1)
                layers += [convolution, norm(out), nn.ReLU(inplace=True)]
                channels = out
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*(one for one in layers if not isinstance(one, nn.Identity)))
        self.classifier = nn.Sequential(
            nn.Linear(channels * (height // 32) * (width // 32), 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(4096, classes),
        )

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits of normalised images."""
        return self.classifier(self.features(images).flatten(1))
