"""VGG networks (Simonyan and Zisserman, arXiv:1409.1556, table 1).

Names of the weights are torchvision's, so that its state dicts load, but for `num_batches_tracked`.
"""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from assay.models.convolution import Convolution
from assay.norms.local_response import LocalResponseNorm

WIDTHS = (64, 128, 256, 512, 512)

# The sides of the kernels of each group.
CONFIGURATIONS: dict[str, tuple[tuple[int, ...], ...]] = {
    "vgg11": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "vgg11_lrn": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "vgg13": ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3)),
    "vgg16_c": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "vgg16": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "vgg19": ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3)),
}


class VGG(nn.Module):
    """Five groups of convolutions, a pooling after each, and 4096-4096-classes."""

    def __init__(
        self,
        kernels: tuple[tuple[int, ...], ...],
        *,
        shape: tuple[int, int, int],
        classes: int,
        norm: Callable[[int], nn.Module],
        bias: bool,
        dropout: float,
        local_response: bool,
    ) -> None:
        """`shape` is [channels, height, width] of the images; sides of 32 and more.

        `local_response` normalises after the ReLU of the first convolution (A-LRN).
        """
        super().__init__()
        channels, height, width = shape
        if min(height, width) < 32:
            raise ValueError(f"VGG pools five times: {height}x{width} is under 32 pixels")
        layers: list[nn.Module] = []
        for sides, out in zip(kernels, WIDTHS, strict=True):
            for side in sides:
                convolution = Convolution(channels, out, side, bias=bias)
                layers += [convolution, norm(out), nn.ReLU(inplace=True)]
                channels = out
            layers.append(nn.MaxPool2d(2))
        if local_response:
            layers.insert(3, LocalResponseNorm())
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
