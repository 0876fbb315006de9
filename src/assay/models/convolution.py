"""Convolutions as the networks have them, and a faster way through planes of a few pixels.

oneDNN (3.13, in torch 2.15, on a CPU) works on all weights of a kernel whatever the plane. Where
it has 2x2 or 1x1 pixels, that makes the gradient of 3x3 weights several times slower than the
product of matrices that it amounts to, so from such planes the weights learn by that product. It
also avoids a fault of oneDNN's: in bf16, with stride 2 and an axis of one pixel, it leaves the
gradient of the weights that meet padding alone unset.
"""

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float
from torch import Tensor, nn

FEW = 4  # places of an output plane; on 4x4 oneDNN is as fast or faster


class Convolution(nn.Conv2d):
    """nn.Conv2d with an odd kernel and padding of half of it: a plane's sides divided by stride."""

    def __init__(
        self, channels: int, out: int, kernel: int, stride: int = 1, *, bias: bool
    ) -> None:
        super().__init__(channels, out, kernel, stride, padding=kernel // 2, bias=bias)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h2 w2"]:
        """Convolve."""
        height, width = (self._places(side) for side in images.shape[2:])
        few = height * width <= FEW
        if few and images.device.type == "cpu" and torch.is_grad_enabled():
            return self._product(images, height, width)
        # Along an axis of one pixel, stride 1 gives the same output, and no fault of oneDNN's.
        strides = [1 if side == 1 else self.stride[0] for side in images.shape[2:]]
        return F.conv2d(images, self.weight, self.bias, strides, self.padding)

    def _product(
        self, images: Float[Tensor, "n c h w"], height: int, width: int
    ) -> Float[Tensor, "n k h2 w2"]:
        """What each place of the output sees, times the weights; those that see padding alone rest.

        Pixels and weights lie channels last, so that rows of both matrices are pieces of memory.
        """
        by, beyond = self.stride[0], self.kernel_size[0] // 2
        rows, columns = (self._meeting(side) for side in images.shape[2:])
        padded = F.pad(images.permute(0, 2, 3, 1), (0, 0, beyond, beyond, beyond, beyond))
        seen = [
            padded[:, row : row + height * by : by, column : column + width * by : by]
            for row in range(rows.start, rows.stop)
            for column in range(columns.start, columns.stop)
        ]
        weights = self.weight[:, :, rows, columns].permute(0, 2, 3, 1).flatten(1)
        return F.linear(torch.cat(seen, 3), weights, self.bias).permute(0, 3, 1, 2)

    def _places(self, side: int) -> int:
        """The side of the output."""
        return (side - 1) // self.stride[0] + 1

    def _meeting(self, side: int) -> slice:
        """The rows of the kernel that meet a plane of this side anywhere."""
        beyond = self.kernel_size[0] // 2
        first = beyond - (self._places(side) - 1) * self.stride[0]
        return slice(max(first, 0), min(beyond + side, self.kernel_size[0]))
