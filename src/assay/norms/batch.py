"""Batch normalisation (Ioffe and Szegedy, arXiv:1502.03167): moments over images and plane."""

import torch
from torch import Tensor, nn

from assay.norms.moments import rescale, with_moments
from assay.norms.planes import ByPlane, Images
from assay.norms.pools import Pool


class BatchNorm(nn.Module):
    """Mean 0 and variance 1 for each channel over n, h, w; then gain and bias by channel.

        y = gain (x - mean) / sqrt(variance + eps) + bias

    In training the batch's own moments (biased variance); in evaluation running ones, to which each
    batch adds with the weight `momentum` (torch's sense; unbiased variance).
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, *, eps: float, momentum: float) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self._pool = Pool(images=True, groups=channels)

    def forward(self, images: Images) -> Images:
        """Normalise n c h w; training needs two values or more in each channel."""
        if not self.training:
            scale = self.weight * (self.running_var + self.eps).rsqrt()
            return rescale(images, self.running_mean, scale, self.bias)
        count = values(images)
        y, *found = with_moments(images, self.bias, [(self.weight, self._pool)], self.eps)
        remember((self.running_mean, self.running_var), found, count, self.momentum)
        return y

    def extra_repr(self) -> str:
        """What is printed of it."""
        return f"{len(self.weight)}, eps={self.eps}, momentum={self.momentum}"


def values(images: Images) -> int:
    """How many values a channel of the batch has; one has no variance and is refused."""
    count = images.numel() // images.shape[1]
    if count < 2:
        raise ValueError("batch norm of one value a channel; take larger images or batches")
    return count


@torch.no_grad()
def remember(
    running: tuple[Tensor, Tensor], found: list[ByPlane], count: int, momentum: float
) -> None:
    """Move running mean and (unbiased) variance towards a batch's, found over `count` values."""
    mean, variance = (one[0].to(kept) for one, kept in zip(found, running, strict=True))
    running[0].lerp_(mean, momentum)
    running[1].lerp_(variance * (count / (count - 1)), momentum)
