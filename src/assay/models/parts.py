"""What the convolutional parts of a residual network have in common: norm, biases, shortcut."""

from collections.abc import Callable
from typing import NamedTuple

import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float
from torch import Tensor, nn

from assay.models.convolution import Convolution
from assay.params.model import Shortcut

Images = Float[Tensor, "n c h w"]
Norm = Callable[[int], nn.Module]


class Parts(NamedTuple):
    """What a network is made of: `norm` of so many channels, `bias` of the convolutions, shortcuts.

    A projection without norm has no bias: that of the convolution beside it does the same.
    """

    norm: Norm
    bias: bool
    shortcut: Shortcut = "projection"
    shortcut_norm: bool = True

    def convolution(self, channels: int, out: int, kernel: int, stride: int = 1) -> nn.Module:
        """A convolution that keeps the plane, or divides its sides by the stride, rounded up."""
        return Convolution(channels, out, kernel, stride, bias=self.bias)

    def shortcut_of(self, channels: int, out: int, stride: int) -> nn.Module:
        """What leads past a block: nothing, or where its shape changes padding or projection."""
        if stride == 1 and channels == out:
            return nn.Identity()
        if self.shortcut == "pad":
            return PaddedShortcut(stride, out - channels)
        if self.shortcut_norm:
            return nn.Sequential(self.convolution(channels, out, 1, stride), self.norm(out))
        return nn.Sequential(Convolution(channels, out, 1, stride, bias=False))


class PaddedShortcut(nn.Module):
    """Every `stride`-th pixel, and channels of zeros behind (arXiv:1512.03385, option A)."""

    def __init__(self, stride: int, more: int) -> None:
        super().__init__()
        self.stride, self.more = stride, more

    def forward(self, images: Images) -> Images:
        """Stride and pad n c h w."""
        return F.pad(images[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.more))

    def extra_repr(self) -> str:
        """What is printed of it."""
        return f"stride={self.stride}, channels of zeros={self.more}"
