"""The one idea behind every norm here: pool the moments of planes, then scale and shift.

A plane is one channel of one image, with mean m and biased variance v over its hw pixels. A pool
(`pools`) makes δ and r of these n x c moments; with a weight w and a bias of each channel

    y = a (x - m) + b,   a = Σ w r,   b = bias + Σ w r δ,

where the sum has one term, or two for a mixture of norms. An average P is its own transpose, so the
gradient needs nothing but P again. With the planes' sums s of dy and t of dy (x - m),

    dx = a dy + u (x - m) + Σ [δ u' - P(w r s) / hw],   u = Σ u',   u' = -P(w r³ (t + δ s)) / hw,
    dw = r (t + δ s) and dbias = s, summed over the images.

All that touches pixels is in `planes`: four passes, or two where images meet no other. Moments are
fp32 (fp64 for fp64 images) whatever the type of x, under autocast too.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from assay.norms.planes import (
    ByPlane,
    Images,
    Planes,
    affine,
    alone,
    alone_gradient,
    at_once,
    combine,
    moments,
    spread,
    sums,
    wide,
)
from assay.norms.pools import Known, Pool, Standard, standardise

Channels = Float[Tensor, " c"]
Terms = list[tuple[Channels, Pool | Known]]


def normalise(images: Images, bias: Channels, terms: Terms, eps: float) -> Images:
    """The formula above for n c h w; each term is a weight w and its pool."""
    (weight, pool), *others = terms
    plain = torch.compiler.is_compiling() or not at_once(images)
    if not (plain or others or isinstance(pool, Known) or pool.images):
        y: Images = _Alone.apply(images, weight, bias, pool.groups, eps)
        return y
    return with_moments(images, bias, terms, eps)[0]


def with_moments(
    images: Images, bias: Channels, terms: Terms, eps: float
) -> tuple[Images, ByPlane, ByPlane]:
    """The same, and mean and biased variance of the first term's pools; these carry no gradient."""
    weights, pools = zip(*terms, strict=True)
    if torch.compiler.is_compiling():  # torch.compile and torch.export see through plain torch
        return formula(images, bias, terms, eps)
    y, mean, variance = _Normalise.apply(images, bias, eps, pools, *weights)
    return y, mean, variance


def formula(
    images: Images, bias: Channels, terms: Terms, eps: float
) -> tuple[Images, ByPlane, ByPlane]:
    """The same in plain torch, for autograd to differentiate: the reference."""
    numbers = images.to(wide(images))
    variance, mean = torch.var_mean(numbers, (2, 3), correction=0)
    found = [standardise(mean, variance, pool, eps) for _, pool in terms]
    scale, shift = _scale_and_shift(bias, [weight for weight, _ in terms], found)
    y = spread(scale) * (numbers - spread(mean)) + spread(shift)
    centre, variance = _of_pools(mean, found[0])
    return y.to(images.dtype), centre.detach(), variance.detach()


def rescale(images: Images, centre: Channels, scale: Channels, shift: Channels) -> Images:
    """A (x - m) + b for n c h w, with m, a and b that do not depend on x; m carries no gradient."""
    if torch.compiler.is_compiling():
        rest = (images - spread(centre[None])) * spread(scale[None])
        return (rest + spread(shift[None])).to(images.dtype)
    y: Images = _Rescale.apply(images, centre, scale, shift)
    return y


class _Normalise(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, images: Images, bias: Channels, eps: float, pools: Any, *weights: Channels
    ) -> tuple[Images, ByPlane, ByPlane]:
        mean, variance = moments(images)
        found = [standardise(mean, variance, pool, eps) for pool in pools]
        scale, shift = _scale_and_shift(bias, weights, found)
        centre, variance = _of_pools(mean, found[0])
        ctx.save_for_backward(images, mean, scale, *weights)
        ctx.terms = list(zip(found, pools, strict=True))
        ctx.mark_non_differentiable(centre, variance)
        return affine(images, mean, scale, shift), centre, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        images, mean, scale, *weights = ctx.saved_tensors
        share = 1 / (images.shape[2] * images.shape[3])
        s, t = sums(images, gradients[0], mean)
        of_x = shift = mean.new_zeros(1, mean.shape[1])
        of_weights = []
        for weight, ((rest, _, inverse), pool) in zip(weights, ctx.terms, strict=True):
            both = torch.addcmul(t, rest, s)
            of_weights.append((inverse * both).sum(0))
            if isinstance(pool, Known):
                continue
            scaled = weight * inverse
            u = pool.average(both * (scaled * inverse.square() * -share))
            of_x = of_x + u
            shift = torch.addcmul(shift - pool.average(scaled * s) * share, rest, u)
        dx = combine(images, gradients[0], mean, (scale, of_x, shift))
        return dx, s.sum(0), None, None, *of_weights


class _Alone(torch.autograd.Function):
    """`_Normalise` of one pool within images."""

    @staticmethod
    def forward(
        ctx: Any, images: Images, weight: Channels, bias: Channels, groups: int, eps: float
    ) -> Images:
        y, found = alone(images, weight, bias, groups, eps)
        ctx.save_for_backward(images, weight, found)
        ctx.groups = groups
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        images, weight, found = ctx.saved_tensors
        dx, of_weights = alone_gradient(images, upstream, weight, ctx.groups, found)
        return dx, *of_weights.sum(1), None, None


class _Rescale(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, images: Images, centre: Channels, scale: Channels, shift: Channels
    ) -> Images:
        ctx.save_for_backward(images, centre, scale)
        return affine(images, centre[None], scale[None], shift[None])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        images, centre, scale = ctx.saved_tensors
        nothing = torch.zeros_like(scale)[None]
        s, t = sums(images, upstream, centre[None])
        return affine(upstream, nothing, scale[None], nothing), None, t.sum(0), s.sum(0)


def _scale_and_shift(bias: Channels, weights: Any, found: list[Standard]) -> tuple[ByPlane, Planes]:
    scales = [weight * one.inverse for weight, one in zip(weights, found, strict=True)]
    shift: Tensor = bias
    for scale, one in zip(scales, found, strict=True):
        shift = torch.addcmul(shift, scale, one.rest)
    return sum(scales[1:], scales[0]), shift


def _of_pools(mean: Planes, found: Standard) -> tuple[ByPlane, ByPlane]:
    """Mean and variance of each pool."""
    return (mean - found.rest)[: len(found.spread)], found.spread
