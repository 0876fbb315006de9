"""Random changes to a batch of images, in one order.

flips and crops of bytes (place) → one resampling (warp) → colour → erase; mixing comes last, and
has labels to mix too (mix). Every image draws its own numbers from the generator that is handed in,
on the generator's device; what is off draws nothing. Nothing waits for the device.
"""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from assay.data.augment.colour import jittered
from assay.data.augment.erase import erased
from assay.data.augment.place import placed
from assay.data.augment.warp import warped
from assay.data.normalise import unit
from assay.params.augment import Affine, Augment, ColorJitter


def augmented(
    pixels: UInt8[Tensor, "n c h w"], augment: Augment, generator: torch.Generator
) -> Float[Tensor, "n c h w"]:
    """All but mixing, on new floats in [0, 1]; a channels-last batch of bytes is fastest."""
    if augment.hflip or augment.pad_crop:
        pixels = placed(pixels, augment.hflip, augment.pad_crop, generator)
    moved = augment.resized_crop or augment.rotate or augment.affine != Affine()
    coloured = augment.color_jitter != ColorJitter()
    if not (moved or coloured or augment.erase or augment.mixes):
        return unit(pixels)
    images = unit(pixels, torch.contiguous_format)  # what follows is fast on planes
    if moved:
        images = warped(
            images,
            crop=augment.resized_crop,
            degrees=augment.rotate,
            affine=augment.affine,
            generator=generator,
        )
    if coloured:
        images = jittered(images, augment.color_jitter, generator)
    if augment.erase:
        images = erased(images, augment.erase, generator)
    return images
