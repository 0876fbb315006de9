"""A strided convolution whose gradient is right on planes of one pixel too.

oneDNN (3.11, in torch 2.15, bf16 on a CPU) leaves the gradient of the weights that meet padding
alone unset where a plane is one pixel wide and the stride is 2: whatever was in memory, NaN
included, and other bytes in each run. Along an axis of one pixel, stride 1 gives the same output.
"""

import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float
from torch import Tensor, nn


class StridedConv2d(nn.Conv2d):
    """nn.Conv2d with padding of half the kernel, and stride 1 along axes of one pixel."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int, *, bias: bool) -> None:
        super().__init__(channels, out, kernel, stride, padding=kernel // 2, bias=bias)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h2 w2"]:
        """Convolve."""
        strides = [1 if side == 1 else self.stride[0] for side in images.shape[2:]]
        return F.conv2d(images, self.weight, self.bias, strides, self.padding)
