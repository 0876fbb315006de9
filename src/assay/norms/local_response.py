"""Local response normalisation (Krizhevsky et al., NIPS 2012, section 3.3): no moments, no weights.

With k = 2, n = 5, α = 1e-4, β = 3/4, and d_c = k + α Σ x² over the n channels around channel c
(those that there are),

    y = x d^-β,   dx = dy d^-β - 2αβ x Σ (dy y / d) over the same channels.

torch's local_response_norm divides α by n, which the paper does not, and knows no bf16 on a CPU.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

Images = Float[Tensor, "n c h w"]

K, REACH, ALPHA, BETA = 2.0, 2, 1e-4, 0.75  # n = 2 REACH + 1


class LocalResponseNorm(nn.Module):
    """Each value is made smaller by large ones in the channels beside it."""

    def forward(self, images: Images) -> Images:
        """Normalise n c h w."""
        return _LocalResponse.apply(images)


class _LocalResponse(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Images) -> Images:
        wide = images.to(torch.promote_types(images.dtype, torch.float32))
        denominator = _around(wide.square()).mul_(ALPHA).add_(K)
        ctx.save_for_backward(images, denominator)
        return (wide * _power(denominator)).to(images.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        images, denominator = ctx.saved_tensors
        upstream, wide = gradients[0].to(denominator.dtype), images.to(denominator.dtype)
        direct = upstream * _power(denominator)
        beside = _around((direct * wide).div_(denominator)).mul_(wide)
        return direct.sub_(beside, alpha=2 * ALPHA * BETA).to(images.dtype)


def _around(values: Images) -> Images:
    """The sum over the channels at most REACH away."""
    total = values.clone()
    for step in range(1, REACH + 1):
        total[:, step:].add_(values[:, :-step])
        total[:, :-step].add_(values[:, step:])
    return total


def _power(denominator: Images) -> Images:
    """d^-3/4 by two square roots, which take a third of the time of a power."""
    root = denominator.rsqrt()
    return root.sqrt().mul_(root)
