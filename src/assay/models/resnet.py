"""Residual networks for large images (He et al., arXiv:1512.03385, table 1).

Names of the weights are torchvision's, so that its state dicts load, but for `num_batches_tracked`.
"""

from collections.abc import Callable

import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float
from torch import Tensor, nn

from assay.models.convolution import StridedConv2d
from assay.params.model import Stem

Images = Float[Tensor, "n c h w"]
Norm = Callable[[int], nn.Module]

BLOCKS = {"resnet18": (2, 2, 2, 2)}


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, which is projected where the shape changes."""

    def __init__(self, channels: int, out: int, stride: int, norm: Norm, bias: bool) -> None:
        super().__init__()
        self.conv1 = StridedConv2d(channels, out, 3, stride, bias=bias)
        self.bn1 = norm(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=bias)
        self.bn2 = norm(out)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or channels != out:
            projection = StridedConv2d(channels, out, 1, stride, bias=bias)
            self.downsample = nn.Sequential(projection, norm(out))

    def forward(self, images: Images) -> Images:
        """The block's output, rectified."""
        inner = F.relu(self.bn1(self.conv1(images)), inplace=True)
        return F.relu(self.bn2(self.conv2(inner)).add_(self.downsample(images)), inplace=True)


class ResNet(nn.Module):
    """A stem, four stages of blocks (64 to 512 channels), the plane's mean, one linear layer."""

    def __init__(
        self,
        blocks: tuple[int, ...],
        *,
        channels: int,
        classes: int,
        norm: Norm,
        stem: Stem,
        bias: bool,
    ) -> None:
        """`channels` of the images; `bias` of the convolutions, wanted where there is no norm."""
        super().__init__()
        if stem == "imagenet":
            self.conv1: nn.Module = StridedConv2d(channels, 64, 7, 2, bias=bias)
            self.maxpool: nn.Module = nn.MaxPool2d(3, 2, padding=1)
        else:
            self.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=bias)
            self.maxpool = nn.Identity()
        self.bn1 = norm(64)
        self.layer1 = _stage(blocks[0], 64, 64, norm, bias)
        self.layer2 = _stage(blocks[1], 64, 128, norm, bias)
        self.layer3 = _stage(blocks[2], 128, 256, norm, bias)
        self.layer4 = _stage(blocks[3], 256, 512, norm, bias)
        self.fc = nn.Linear(512, classes)

    def forward(self, images: Images) -> Float[Tensor, "n k"]:
        """Logits of normalised images."""
        x = self.maxpool(F.relu(self.bn1(self.conv1(images)), inplace=True))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean(dim=(2, 3)))


def _stage(blocks: int, channels: int, out: int, norm: Norm, bias: bool) -> nn.Sequential:
    stride = 1 if channels == out else 2
    first = BasicBlock(channels, out, stride, norm, bias)
    return nn.Sequential(first, *(BasicBlock(out, out, 1, norm, bias) for _ in range(blocks - 1)))
