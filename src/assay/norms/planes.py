"""The four passes over images that every norm is made of, on any device and memory format.

A plane is one channel of one image. Arithmetic is fp32 (fp64 for fp64), whatever the images are.
On a CPU they are compiled (`last`, `first`); elsewhere they are torch's own operations.
"""

from types import ModuleType
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from assay.norms import first, last

Images = Float[Tensor, "n c h w"]
Planes = Float[Tensor, "n c"]
Channels = Float[Tensor, " c"]
ByPlane = Float[Tensor, "#n c"]  # numbers of planes; one row where the images share them

_COMPILED = {torch.float32, torch.float64, torch.bfloat16}


def wide(images: Images) -> torch.dtype:
    """The type of the arithmetic."""
    return torch.promote_types(images.dtype, torch.float32)


def moments(images: Images) -> tuple[Planes, Planes]:
    """Mean and biased variance of each plane."""
    compiled = _compiled(images)
    if compiled is None:
        variance, mean = torch.var_mean(images.to(wide(images)), (2, 3), correction=0)
        return mean, variance
    mean, variance = _two(images)
    compiled.moments(_array(images, compiled), mean.numpy(), variance.numpy())
    return mean, variance


def affine(images: Images, centre: ByPlane, scale: ByPlane, shift: ByPlane) -> Images:
    """Scale (x - centre) + shift."""
    compiled = _compiled(images)
    if compiled is None:
        rest = (images - spread(centre)) * spread(scale)
        return (rest + spread(shift)).to(images.dtype)
    out = torch.empty_like(images)
    given = _array(images, compiled), *_rows(images, centre, scale, shift)
    compiled.affine(*given, _array(out, compiled))
    return out


def sums(images: Images, upstream: Images, centre: ByPlane) -> tuple[Planes, Planes]:
    """Sums over each plane of the upstream gradient g, and of g (x - centre)."""
    compiled = _compiled(images)
    if compiled is None:
        g = upstream.to(wide(images))
        return g.sum((2, 3)), (g * (images - spread(centre))).sum((2, 3))
    total, product = _two(images)
    x, g = _array(images, compiled), _array(upstream, compiled)
    compiled.sums(x, g, *_rows(images, centre), total.numpy(), product.numpy())
    return total, product


def combine(
    images: Images, upstream: Images, centre: ByPlane, of: tuple[ByPlane, ByPlane, ByPlane]
) -> Images:
    """A g + b (x - centre) + d, with `of` the planes' a, b and d."""
    compiled = _compiled(images)
    if compiled is None:
        a, b, d = (spread(one) for one in of)
        return (a * upstream + b * (images - spread(centre)) + d).to(images.dtype)
    out = torch.empty_like(images)
    x, g, dx = (_array(one, compiled) for one in (images, upstream, out))
    compiled.combine(x, g, *_rows(images, centre, *of), dx)
    return out


def at_once(images: Images) -> bool:
    """Whether images can be normalised by themselves with `alone`."""
    return _compiled(images) is last


def alone(
    images: Images, weight: Channels, bias: Channels, groups: int, eps: float
) -> tuple[Images, Float[Tensor, "3 n c"]]:
    """Images normalised by moments of their own over groups of channels; their means, δ and r."""
    y = torch.empty_like(images)
    found = images.new_empty((3, *images.shape[:2]), dtype=wide(images))
    given = _array(images, last), *_rows(images, weight, bias), (groups, eps)
    last.alone(*given, _array(y, last), found.numpy())
    return y, found


def alone_gradient(
    images: Images, upstream: Images, weight: Channels, groups: int, found: Tensor
) -> tuple[Images, Float[Tensor, "2 n c"]]:
    """The gradient of `alone` of the images, and of weight and bias by image."""
    dx, of_weights = torch.empty_like(images), torch.empty_like(found[:2])
    given = _array(images, last), _array(upstream, last), *_rows(images, weight), groups
    last.alone_gradient(*given, found.numpy(), _array(dx, last), of_weights.numpy())
    return dx, of_weights


def spread(planes: ByPlane) -> Float[Tensor, "#n c 1 1"]:
    """Planes' numbers as they meet their images."""
    return planes[:, :, None, None]


def _compiled(images: Images) -> ModuleType | None:
    """The compiled passes for this memory format, where there are any."""
    if images.device.type != "cpu" or images.dtype not in _COMPILED or not images.numel():
        return None
    if images.shape[1] > 1 and images.is_contiguous(memory_format=torch.channels_last):
        return last
    return first if images.is_contiguous() else None


def _array(images: Images, compiled: ModuleType) -> Any:
    """N p·c or n·c p, over the same memory where it already lies so."""
    n, c, h, w = images.shape
    dense = torch.channels_last if compiled is last else torch.contiguous_format
    flat = images.detach().contiguous(memory_format=dense)
    rows, numbers = (n, h * w * c) if compiled is last else (n * c, h * w)
    flat = flat.as_strided((rows, numbers), (numbers, 1))
    return (flat.view(torch.uint16) if flat.dtype == torch.bfloat16 else flat).numpy()


def _rows(images: Images, *planes: ByPlane | Channels) -> list[Any]:
    """Numbers for these images' channels, in the precision of the arithmetic.

    Compiled code would go past the end of too few, and parameters may be bf16 themselves.
    """
    for one in planes:
        if one.shape[-1] != images.shape[1]:
            raise ValueError(f"{images.shape[1]} channels, and a norm of {one.shape[-1]}")
    dtype = wide(images)
    return [one.detach().to(dtype).contiguous().numpy() for one in planes]


def _two(images: Images) -> tuple[Planes, Planes]:
    empty = images.new_empty(images.shape[:2], dtype=wide(images))
    return empty, torch.empty_like(empty)
