"""Residual networks for large images (He et al., arXiv:1512.03385, table 1).

Names of the weights are torchvision's, so that its state dicts load, but for `num_batches_tracked`.
"""

import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float
from torch import Tensor, nn

from assay.models.blocks import BasicBlock, Bottleneck, stage
from assay.models.parts import Images, Parts
from assay.params.model import Stem

Kind = type[BasicBlock] | type[Bottleneck]

BLOCKS: dict[str, tuple[Kind, tuple[int, ...]]] = {
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet34": (BasicBlock, (3, 4, 6, 3)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
    "resnet101": (Bottleneck, (3, 4, 23, 3)),
    "resnet152": (Bottleneck, (3, 8, 36, 3)),
}


class ResNet(nn.Module):
    """A stem, four stages of blocks, the plane's mean, one linear layer.

    The stages have 64, 128, 256 and 512 channels, and four times as many where the blocks are
    bottlenecks; the stride of these is on the 3x3, as in torchvision.
    """

    def __init__(
        self,
        block: Kind,
        blocks: tuple[int, ...],
        parts: Parts,
        *,
        channels: int,
        classes: int,
        stem: Stem,
    ) -> None:
        """`channels` of the images."""
        super().__init__()
        large = stem == "imagenet"
        self.conv1 = parts.convolution(channels, 64, *((7, 2) if large else (3, 1)))
        self.bn1 = parts.norm(64)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1) if large else nn.Identity()
        wide = 4 if block is Bottleneck else 1
        self.layer1 = stage(block, blocks[0], (64, 64 * wide, 1), parts)
        self.layer2 = stage(block, blocks[1], (64 * wide, 128 * wide, 2), parts)
        self.layer3 = stage(block, blocks[2], (128 * wide, 256 * wide, 2), parts)
        self.layer4 = stage(block, blocks[3], (256 * wide, 512 * wide, 2), parts)
        self.fc = nn.Linear(512 * wide, classes)

    def forward(self, images: Images) -> Float[Tensor, "n k"]:
        """Logits of normalised images."""
        x = self.maxpool(F.relu(self.bn1(self.conv1(images)), inplace=True))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean(dim=(2, 3)))
