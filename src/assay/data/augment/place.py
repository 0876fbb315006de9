"""Flips and crops of bytes, both by copying whole rows."""

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import UInt8
from torch import Tensor

from assay.data.augment.draw import Draw

Pixels = UInt8[Tensor, "n c h w"]


def placed(pixels: Pixels, hflip: float, padding: int, generator: torch.Generator) -> Pixels:
    """Mirrored with probability `hflip`; then black on each side, and a crop of the old size."""
    n, c, h, w = pixels.shape
    draw = Draw(n, generator, pixels.device)
    images = F.pad(pixels.permute(0, 2, 3, 1), (0, 0, *(padding,) * 4)).contiguous()  # n H W c
    height, width = images.shape[1:3]
    number = torch.arange(n, device=pixels.device)
    if hflip:
        flips = draw.uniform(0, 1) < hflip
        images = torch.cat([images, images.flip(2)])
        number = number + n * flips
    corner = number * (height * width)
    if padding:
        corner += (draw.below(2 * padding + 1) * width + draw.below(2 * padding + 1)).long()
    starts = corner[:, None] + torch.arange(h, device=pixels.device) * width  # n h, in pixels
    rows = images.flatten().unfold(0, w * c, c)  # the w pixels from each pixel on
    return rows.index_select(0, starts.flatten()).view(n, h, w, c).permute(0, 3, 1, 2)
