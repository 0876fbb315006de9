"""resized_crop, then rotate, then affine, all in one bilinear resampling; outside is black.

Places are pixels from the centre of the image, x to the right and y down; a map says where the
pixels of the output come from.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float
from torch import Tensor

from assay.data.augment.draw import Draw, first
from assay.params.augment import Affine, ResizedCrop

Images = Float[Tensor, "n c h w"]
Maps = Float[Tensor, "n 2 3"]
Each = Float[Tensor, " n"]


class Crop(NamedTuple):
    """The part of each image that is enlarged to all of it, in pixels."""

    top: Each
    left: Each
    height: Each
    width: Each


def warped(
    images: Images,
    *,
    crop: ResizedCrop | None,
    degrees: float,
    affine: Affine,
    generator: torch.Generator,
) -> Images:
    """Draw what is on, and move each image by it."""
    n, _, h, w = images.shape
    draw = Draw(n, generator, images.device)
    crops = drawn_crops(draw, h, w, crop.scale, crop.ratio) if crop else None
    maps = rotations(draw, degrees) if degrees else None
    if affine != Affine():
        moves = affinities(
            draw, h, w, translate=affine.translate, scale=affine.scale, shear=affine.shear
        )
        maps = moves if maps is None else _applied(maps, moves)
    return resampled(images, maps, crops)


def drawn_crops(
    draw: Draw, h: int, w: int, scale: tuple[float, float], ratio: tuple[float, float]
) -> Crop:
    """As torchvision's RandomResizedCrop: the first of ten boxes that fits, else a central one."""
    widths, heights = draw.sizes(h * w, scale, ratio)
    fits = (widths >= 1) & (widths <= w) & (heights >= 1) & (heights <= h)
    low, high = ratio
    height = first(fits, heights, min(h, round(w / low)))
    width = first(fits, widths, min(w, round(h * high)))
    top, left = draw.below(h - height + 1), draw.below(w - width + 1)
    fit = fits.any(0)
    top = torch.where(fit, top, ((h - height) / 2).floor())
    left = torch.where(fit, left, ((w - width) / 2).floor())
    return Crop(top, left, height, width)


def rotations(draw: Draw, degrees: float) -> Maps:
    """Rotation about the centre by a uniform angle in ±degrees, positive clockwise."""
    angle = draw.uniform(-degrees, degrees).deg2rad_()
    return _maps(angle.cos(), angle.sin(), -angle.sin(), angle.cos())


def affinities(
    draw: Draw, h: int, w: int, *, translate: float, scale: tuple[float, float], shear: float
) -> Maps:
    """Shear along x, then scale, then a shift of at most `translate` of the side, all uniform."""
    shrink = draw.uniform(*scale).reciprocal_()
    slant = draw.uniform(-shear, shear).deg2rad_().tan_()
    maps = _maps(shrink, -shrink * slant, torch.zeros_like(shrink), shrink)
    right = draw.uniform(-translate * w, translate * w)
    down = draw.uniform(-translate * h, translate * h)
    maps[:, :, 2:] = -_applied(maps, torch.stack([right, down], 1)[:, :, None])
    return maps


def resampled(images: Images, maps: Maps | None, crop: Crop | None) -> Images:
    """Each image cropped and enlarged, and then moved by its map.

    A crop ends at its edge as torchvision's does: its outermost pixels are repeated, not mixed with
    their neighbours outside.
    """
    n, _, h, w = images.shape
    x = (torch.arange(w, device=images.device) - (w - 1) / 2)[None, None, :]  # 1 1 w
    y = (torch.arange(h, device=images.device) - (h - 1) / 2)[None, :, None]  # 1 h 1
    if maps is not None:
        a, b, right, d, e, down = maps.flatten(1)[..., None, None].unbind(1)  # n 1 1
        x, y = (a * x + right) + b * y, d * x + (e * y + down)  # n h w
    if crop is None:
        return _sampled(images, x * (2 / w), y * (2 / h))
    inside = None if maps is None else _cover(x, w) * _cover(y, h)
    columns = _into(x, crop.left, crop.width, w)
    rows = _into(y, crop.top, crop.height, h)
    images = _sampled(images, columns.expand(n, h, w), rows.expand(n, h, w))
    return images if inside is None else images.mul_(inside[:, None])


def _cover(place: Tensor, side: int) -> Tensor:
    """How much of the image a bilinear sample meets: 1 inside, 0 a pixel or more outside."""
    return ((side + 1) / 2 - place.abs()).clamp_(0, 1)


def _into(place: Tensor, start: Each, length: Each, side: int) -> Tensor:
    """From places in the enlarged crop to half sides from the image's centre, kept in the crop."""
    start, length = start[:, None, None], length[:, None, None]
    most = (length - 1) / 2
    inner = torch.minimum(torch.maximum(place * (length / side), -most), most)
    return (inner + (start + (length - side) / 2)) * (2 / side)


def _sampled(images: Images, x: Float[Tensor, "n h w"], y: Float[Tensor, "n h w"]) -> Images:
    grid = torch.stack([x, y], 1).permute(0, 2, 3, 1)  # planes are filled faster than pairs
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _applied(maps: Maps, vectors: Float[Tensor, "n 2 k"]) -> Float[Tensor, "n 2 k"]:
    """The matrices of `maps` times vectors, in full fp32: TF32 would misplace pixels."""
    return (maps[:, :, :2, None] * vectors[:, None]).sum(2)


def _maps(a: Each, b: Each, d: Each, e: Each) -> Maps:
    """[[a, b, 0], [d, e, 0]] for each image."""
    zero = torch.zeros_like(a)
    return torch.stack([a, b, zero, d, e, zero], 1).view(-1, 2, 3)
