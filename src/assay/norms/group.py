"""Group normalisation (Wu and He, arXiv:1803.08494): moments over groups of channels and plane."""

import math

import torch
from torch import nn

from assay.norms.moments import normalise
from assay.norms.planes import Images
from assay.norms.pools import Pool


class GroupNorm(nn.Module):
    """Mean 0 and variance 1 over the channels of a group, h, w; then gain and bias by channel.

        y = gain (x - mean) / sqrt(variance + eps) + bias

    The same in evaluation.
    """

    def __init__(self, channels: int, *, groups: int, eps: float) -> None:
        super().__init__()
        if channels % groups:
            raise ValueError(f"{groups} groups do not divide {channels} channels")
        self.groups, self.eps = groups, eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self._pool = Pool(images=False, groups=groups)

    def forward(self, images: Images) -> Images:
        """Normalise n c h w."""
        return normalise(images, self.bias, [(self.weight, self._pool)], self.eps)

    def extra_repr(self) -> str:
        """What is printed of it."""
        return f"{len(self.weight)}, groups={self.groups}, eps={self.eps}"


def default_groups(channels: int) -> int:
    """gcd(32, C/4): the paper's 32 groups, or fewer, of four channels or more; else 1."""
    return max(1, math.gcd(128, channels) // 4)
