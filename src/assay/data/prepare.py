"""From packed pixels to what a network eats: in training with augmentation, else without."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from assay.data.augment import augmented
from assay.data.normalise import Normaliser, unit
from assay.params.augment import Augment
from assay.params.preprocess import Normalisation

Pixels = UInt8[Tensor, "n c h w"]
Images = Float[Tensor, "n c h w"]


def preparations(
    augment: Augment, kind: Normalisation, meta: dict[str, Any], device: torch.device
) -> tuple[Callable[[Pixels, torch.Generator], Images], Callable[[Pixels], Images]]:
    """Two functions of a batch: random augmentation then normalisation; normalisation alone.

    `meta` holds the training split's mean and deviation by channel, in units of 0 to 1.
    """
    normalise = Normaliser(kind, meta["mean"], meta["deviation"], device)

    def random(pixels: Pixels, generator: torch.Generator) -> Images:
        return normalise(augmented(unit(pixels), augment, generator))

    def plain(pixels: Pixels) -> Images:
        return normalise(unit(pixels))

    return random, plain
