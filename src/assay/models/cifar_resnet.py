"""Residual networks for small images, whose depth is a number (arXiv:1512.03385 and 1603.05027)."""

import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float
from torch import Tensor, nn

from assay.models.blocks import BasicBlock, PreactBottleneck, rectified, stage
from assay.models.parts import Images, Parts


class CifarResNet(nn.Module):
    """6n+2 layers: a 3x3 convolution, three stages of n basic blocks, the mean, a linear layer.

    The stages have 16, 32 and 64 channels. The paper (section 4.2) pads its shortcuts.
    """

    def __init__(self, n: int, parts: Parts, *, channels: int, classes: int) -> None:
        """`channels` of the images."""
        super().__init__()
        self.conv1 = parts.convolution(channels, 16, 3)
        self.bn1 = parts.norm(16)
        self.layer1 = stage(BasicBlock, n, (16, 16, 1), parts)
        self.layer2 = stage(BasicBlock, n, (16, 32, 2), parts)
        self.layer3 = stage(BasicBlock, n, (32, 64, 2), parts)
        self.fc = nn.Linear(64, classes)

    def forward(self, images: Images) -> Float[Tensor, "n k"]:
        """Logits of normalised images."""
        x = F.relu(self.bn1(self.conv1(images)), inplace=True)
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean(dim=(2, 3)))


class CifarPreactResNet(nn.Module):
    """9n+2 layers: the same with n pre-activation bottlenecks of 64, 128 and 256 channels.

    A norm and a ReLU follow the last sum. Facts of the paper's code are in PreactBottleneck.
    """

    def __init__(self, n: int, parts: Parts, *, channels: int, classes: int) -> None:
        """`channels` of the images."""
        super().__init__()
        self.conv1 = parts.convolution(channels, 16, 3)
        self.layer1 = stage(PreactBottleneck, n, (16, 64, 1), parts)
        self.layer2 = stage(PreactBottleneck, n, (64, 128, 2), parts)
        self.layer3 = stage(PreactBottleneck, n, (128, 256, 2), parts)
        self.bn = parts.norm(256)
        self.fc = nn.Linear(256, classes)

    def forward(self, images: Images) -> Float[Tensor, "n k"]:
        """Logits of normalised images."""
        x = self.layer3(self.layer2(self.layer1(self.conv1(images))))
        return self.fc(rectified(self.bn, x).mean(dim=(2, 3)))
