"""The one idea behind every norm here: pool the moments of planes, then scale and shift.

A plane is one channel of one image. Its mean and variance are pooled over the images (batch norm),
over groups of channels (group norm), …; with pooled mean μ and variance v, gain g and bias b,

    y = g (x - μ) / sqrt(v + eps) + b.

Pooling is a linear average P over planes, so the pooled variance is P(var) + P((mean - μ)²), and
the gradient needs nothing but P again. With r = 1 / sqrt(v + eps), x̂ = r (x - μ), and with s, t the
plane means of dy and of dy x̂:

    dx = r (g dy - P(g s) - x̂ P(g t)),   dg = Σ_n hw t,   db = Σ_n hw s.

Moments are kept in fp32 (fp64 for fp64 input) whatever the type of x.
"""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

Images = Float[Tensor, "n c h w"]
Planes = Float[Tensor, "n c"]
Pool = Callable[[Planes], Float[Tensor, "#n c"]]


def centred(images: Images) -> tuple[Images, Planes, Planes]:
    """A wide copy of the images less their plane means; the means; the (biased) variances."""
    wide = torch.promote_types(images.dtype, torch.float32)
    mean = images.mean(dim=(2, 3), dtype=wide)
    rest = images.to(wide, copy=True).sub_(_spread(mean))
    return rest, mean, rest.square().mean(dim=(2, 3))


def pooled(mean: Planes, variance: Planes, pool: Pool) -> tuple[Planes, Planes]:
    """Mean and biased variance over each pool of planes."""
    centre = pool(mean)
    return centre, pool(variance) + pool((mean - centre).square())


def normalise(
    images: Images,
    mean: Float[Tensor, " c"],
    variance: Float[Tensor, " c"],
    gain: Float[Tensor, " c"],
    bias: Float[Tensor, " c"],
    eps: float,
) -> Images:
    """The formula above with moments that are constants (running statistics)."""
    scale = gain * (variance + eps).rsqrt()
    shift = bias - mean * scale
    return (images * _spread(scale) + _spread(shift)).to(images.dtype)


class PooledNorm(torch.autograd.Function):
    """The formula above with moments that depend on x; returns y, pooled mean and variance."""

    @staticmethod
    def forward(
        ctx: Any,
        images: Images,
        gain: Float[Tensor, " c"],
        bias: Float[Tensor, " c"],
        pool: Pool,
        eps: float,
    ) -> tuple[Images, Planes, Planes]:
        """Normalise by the moments that `pool` makes of the planes' own."""
        rest, plane_mean, plane_variance = centred(images)
        mean, variance = pooled(plane_mean, plane_variance, pool)
        inverse = (variance + eps).rsqrt()
        scale = gain * inverse
        ctx.save_for_backward(images, gain, mean, inverse)
        ctx.pool = pool
        ctx.mark_non_differentiable(mean, variance)
        shift = (plane_mean - mean) * scale + bias
        y = rest.mul_(_spread(scale)).add_(_spread(shift))
        return y.to(images.dtype), mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """The gradient above; the moments handed out carry none."""
        images, gain, mean, inverse = ctx.saved_tensors
        area = images.shape[2] * images.shape[3]
        upstream = gradients[0].to(mean.dtype)
        rest = images.to(mean.dtype, copy=True).sub_(_spread(mean))
        s = upstream.mean(dim=(2, 3))
        t = inverse * (rest * upstream).mean(dim=(2, 3))
        dx = rest.mul_(_spread(-inverse.square() * ctx.pool(gain * t)))
        dx.sub_(_spread(inverse * ctx.pool(gain * s)))
        dx.addcmul_(upstream, _spread(inverse * gain))
        return dx.to(images.dtype), area * t.sum(0), area * s.sum(0), None, None


def _spread(planes: Float[Tensor, "*n c"]) -> Float[Tensor, "#n c 1 1"]:
    return planes.view(-1, planes.shape[-1], 1, 1)
