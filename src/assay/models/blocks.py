"""Residual blocks: a branch of convolutions beside a shortcut (arXiv:1512.03385, 1603.05027).

Each takes the channels that come in, the channels that go out, its stride and its parts.
"""

from collections.abc import Callable

import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from torch import nn

from assay.models.parts import Images, Parts

Block = Callable[[int, int, int, Parts], nn.Module]


class BasicBlock(nn.Module):
    """Two 3x3 convolutions, each with its norm."""

    def __init__(self, channels: int, out: int, stride: int, parts: Parts) -> None:
        super().__init__()
        self.conv1 = parts.convolution(channels, out, 3, stride)
        self.bn1 = parts.norm(out)
        self.conv2 = parts.convolution(out, out, 3)
        self.bn2 = parts.norm(out)
        self.downsample = parts.shortcut_of(channels, out, stride)

    def forward(self, images: Images) -> Images:
        """The block's output, rectified."""
        inner = F.relu(self.bn1(self.conv1(images)), inplace=True)
        return F.relu(self.bn2(self.conv2(inner)).add_(self.downsample(images)), inplace=True)


class Bottleneck(nn.Module):
    """1x1 to a quarter of the channels, 3x3 with the stride, 1x1 back, each with its norm."""

    def __init__(self, channels: int, out: int, stride: int, parts: Parts) -> None:
        super().__init__()
        inner = out // 4
        self.conv1 = parts.convolution(channels, inner, 1)
        self.bn1 = parts.norm(inner)
        self.conv2 = parts.convolution(inner, inner, 3, stride)
        self.bn2 = parts.norm(inner)
        self.conv3 = parts.convolution(inner, out, 1)
        self.bn3 = parts.norm(out)
        self.downsample = parts.shortcut_of(channels, out, stride)

    def forward(self, images: Images) -> Images:
        """The block's output, rectified."""
        inner = F.relu(self.bn1(self.conv1(images)), inplace=True)
        inner = F.relu(self.bn2(self.conv2(inner)), inplace=True)
        return F.relu(self.bn3(self.conv3(inner)).add_(self.downsample(images)), inplace=True)


class PreactBottleneck(nn.Module):
    """A bottleneck whose norms and ReLUs stand before the convolutions; nothing follows the sum.

    As in the paper's code (github.com/KaimingHe/resnet-1k-layers) the first 1x1 has the stride, and
    where the shape changes, the shortcut takes the pre-activated images and its projection no norm.
    """

    def __init__(self, channels: int, out: int, stride: int, parts: Parts) -> None:
        super().__init__()
        inner = out // 4
        self.bn1 = parts.norm(channels)
        self.conv1 = parts.convolution(channels, inner, 1, stride)
        self.bn2 = parts.norm(inner)
        self.conv2 = parts.convolution(inner, inner, 3)
        self.bn3 = parts.norm(inner)
        self.conv3 = parts.convolution(inner, out, 1)
        self.downsample = parts._replace(shortcut_norm=False).shortcut_of(channels, out, stride)

    def forward(self, images: Images) -> Images:
        """The sum of branch and shortcut."""
        active = rectified(self.bn1, images)
        inner = F.relu(self.bn2(self.conv1(active)), inplace=True)
        inner = F.relu(self.bn3(self.conv2(inner)), inplace=True)
        changed = not isinstance(self.downsample, nn.Identity)
        return self.conv3(inner).add_(self.downsample(active if changed else images))


BLOCKS = (BasicBlock, Bottleneck, PreactBottleneck)


def stage(block: Block, blocks: int, change: tuple[int, int, int], parts: Parts) -> nn.Sequential:
    """Blocks in a row; the first makes the change: channels in, channels out, stride."""
    out = change[1]
    rest = (block(out, out, 1, parts) for _ in range(blocks - 1))
    return nn.Sequential(block(*change, parts), *rest)


def rectified(norm: nn.Module, images: Images) -> Images:
    """ReLU of the normalised images, in place unless these are the images themselves."""
    normalised = norm(images)
    return F.relu(normalised, inplace=normalised is not images)


def zero_branches(network: nn.Module) -> None:
    """Let every block start as its shortcut: the last layer of its branch that has weights gets 0.

    That is a norm's gain (arXiv:1706.02677, section 5.1), or where the branch ends in a convolution
    (no norm, or pre-activation), its weights and bias.
    """
    for block in network.modules():
        if isinstance(block, BLOCKS):
            branch = [layer for name, layer in block.named_children() if name != "downsample"]
            last = next(layer for layer in reversed(branch) if not isinstance(layer, nn.Identity))
            for name in ("weight", "bias"):
                if getattr(last, name) is not None:
                    nn.init.zeros_(getattr(last, name))
