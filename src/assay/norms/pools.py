"""Pools of planes: whose moments are taken together, and what that makes of scale and gradient.

A pool P averages n x c numbers over the images or not, and over runs of channels:

    batch norm       over images, each channel by itself
    instance norm    each image, each channel by itself
    layer norm       each image, all channels
    group norm       each image, runs of c / groups channels

Of planes with means m and variances v it makes

    δ = m - P(m),   V = P(v + δ²),   r = 1 / sqrt(V + eps),   x̂ = r (x - m) + r δ.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from assay.norms.planes import ByPlane, Planes


class Pool(NamedTuple):
    """Average over the `images` of the batch or not, and over each of `groups` runs of channels."""

    images: bool
    groups: int

    def average(self, planes: Planes) -> ByPlane:
        """P: each plane's pool's mean."""
        c = planes.shape[1]
        if self.images:
            planes = planes.mean(0, keepdim=True)
        if self.groups == c:
            return planes
        runs = planes.view(len(planes), self.groups, c // self.groups)
        return runs.mean(2, keepdim=True).expand_as(runs).reshape(len(planes), c)


class Known(NamedTuple):
    """No pool: moments of each channel that do not depend on the batch."""

    mean: Float[Tensor, " c"]
    variance: Float[Tensor, " c"]


class Standard(NamedTuple):
    """δ, V and r as above."""

    rest: Planes
    spread: ByPlane
    inverse: ByPlane


def standardise(mean: Planes, variance: Planes, pool: Pool | Known, eps: float) -> Standard:
    """δ, V and r of planes with these moments."""
    if isinstance(pool, Known):
        return Standard(mean - pool.mean, pool.variance[None], (pool.variance[None] + eps).rsqrt())
    rest = mean - pool.average(mean)
    spread = pool.average(torch.addcmul(variance, rest, rest))
    return Standard(rest, spread, (spread + eps).rsqrt())
