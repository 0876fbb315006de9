"""Random changes to a batch of images: pad_crop, then rotate and affine in one resampling.

Images are floats n c h w in [0, 1]; what comes in from outside is black. Every image draws its own
numbers from the generator that is handed in.
"""

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float
from torch import Tensor

from assay.params.augment import Augment

Images = Float[Tensor, "n c h w"]
Maps = Float[Tensor, "n 3 3"]


def augmented(images: Images, augment: Augment, generator: torch.Generator) -> Images:
    """All augmentations that are on, in the order of this file."""
    if augment.pad_crop:
        images = pad_crop(images, augment.pad_crop, generator)
    maps = []
    if augment.rotate:
        maps.append(rotations(len(images), augment.rotate, generator))
    affine = augment.affine
    if affine.translate or affine.shear or affine.scale != (1.0, 1.0):
        maps.append(
            affinities(
                len(images),
                translate=affine.translate,
                scale=affine.scale,
                shear=affine.shear,
                generator=generator,
            )
        )
    if maps:
        images = warped(images, maps[0] if len(maps) == 1 else maps[1] @ maps[0])
    return images


def pad_crop(images: Images, pixels: int, generator: torch.Generator) -> Images:
    """Zeros on each side, then a crop of the old size at a random place."""
    n, _, h, w = images.shape
    draw = torch.randint(0, 2 * pixels + 1, (2, n), generator=generator, device=generator.device)
    down, right = draw.to(images.device)
    rows = down[:, None] + torch.arange(h, device=images.device)  # n h
    columns = right[:, None] + torch.arange(w, device=images.device)  # n w
    padded = F.pad(images, (pixels,) * 4).permute(0, 2, 3, 1)  # n h w c
    each = torch.arange(n, device=images.device)[:, None, None]
    return padded[each, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def rotations(n: int, degrees: float, generator: torch.Generator) -> Maps:
    """Rotation about the centre by a uniform angle in ±degrees, as a map of pixel coordinates."""
    angle = _uniform(n, -degrees, degrees, generator).deg2rad()
    return _matrices(angle.cos(), -angle.sin(), angle.sin(), angle.cos())


def affinities(
    n: int,
    *,
    translate: float,
    scale: tuple[float, float],
    shear: float,
    generator: torch.Generator,
) -> Maps:
    """Shear along x, then scale, then a shift of at most `translate` of the side, all uniform."""
    factor = _uniform(n, *scale, generator)
    slant = _uniform(n, -shear, shear, generator).deg2rad().tan()
    maps = _matrices(factor, factor * slant, torch.zeros_like(factor), factor)
    maps[:, 0, 2] = _uniform(n, -2 * translate, 2 * translate, generator)
    maps[:, 1, 2] = _uniform(n, -2 * translate, 2 * translate, generator)
    return maps


def warped(images: Images, maps: Maps) -> Images:
    """Each image moved by its map (in half sides from the centre), bilinear, black outside."""
    h, w = images.shape[2:]
    maps = maps.clone()
    maps[:, 0, 1] *= h / w  # from equal units to half sides
    maps[:, 1, 0] *= w / h
    back = torch.linalg.inv_ex(maps).inverse[:, :2].to(images)  # where pixels come from
    grid = F.affine_grid(back, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _uniform(n: int, low: float, high: float, generator: torch.Generator) -> Float[Tensor, " n"]:
    draw = torch.rand(n, generator=generator, device=generator.device)
    return low + (high - low) * draw


def _matrices(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Maps:
    """[[a, b, 0], [c, d, 0], [0, 0, 1]] for each image."""
    zero, one = torch.zeros_like(a), torch.ones_like(a)
    return torch.stack([a, b, zero, c, d, zero, zero, zero, one], dim=1).view(-1, 3, 3)
