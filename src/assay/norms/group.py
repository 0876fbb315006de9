"""Group normalisation (Wu and He, arXiv:1803.08494): moments over groups of channels and plane."""

import functools
import math

import torch
from torch import nn

from assay.norms.moments import Images, Planes, PooledNorm


def over_groups(planes: Planes, groups: int) -> Planes:
    """Average over each of `groups` runs of channels: n c -> n c."""
    n, c = planes.shape
    mean = planes.view(n, groups, c // groups).mean(dim=2, keepdim=True)
    return mean.expand(n, groups, c // groups).reshape(n, c)


def default_groups(channels: int) -> int:
    """gcd(32, C/4): the paper's 32 groups, or fewer, of four channels or more; else 1."""
    return max(1, math.gcd(128, channels) // 4)


class GroupNorm(nn.Module):
    """Mean 0 and variance 1 over the channels of a group, h, w; the same in evaluation."""

    def __init__(self, channels: int, *, groups: int, eps: float) -> None:
        super().__init__()
        if channels % groups:
            raise ValueError(f"{groups} groups do not divide {channels} channels")
        self.groups, self.eps = groups, eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self._pool = functools.partial(over_groups, groups=groups)

    def forward(self, images: Images) -> Images:
        """Normalise n c h w."""
        return PooledNorm.apply(images, self.weight, self.bias, self._pool, self.eps)[0]

    def extra_repr(self) -> str:
        """What is printed of it."""
        return f"{len(self.weight)}, groups={self.groups}, eps={self.eps}"
