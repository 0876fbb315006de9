"""From packed pixels and labels to what a network trains on: augmented, mixed, normalised."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from assay.data.augment import augmented
from assay.data.augment.mix import Mixer, mixed, soft_targets
from assay.data.normalise import Normaliser
from assay.params.augment import Augment

Pixels = UInt8[Tensor, "n c h w"]
Images = Float[Tensor, "n c h w"]
Labels = Int64[Tensor, " n"]
Targets = Labels | Float[Tensor, "n k"]
Prepare = Callable[[Pixels, Labels, torch.Generator], tuple[Images, Targets]]

CACHED = 2**20  # values of a part of a batch on a CPU: 4 MB of floats stay in its cache


def preparation(augment: Augment, normalise: Normaliser, classes: int) -> Prepare:
    """A function of a batch: its inputs, and its labels or, where images mix, soft targets."""
    mixer = Mixer(augment.mixup, augment.cutmix, normalise.device)

    def prepare(
        pixels: Pixels, labels: Labels, generator: torch.Generator
    ) -> tuple[Images, Targets]:
        if not augment.mixes:
            parts = [normalise(augmented(part, augment, generator)) for part in _parts(pixels)]
            return _joined(parts), labels
        images = _joined([augmented(part, augment, generator) for part in _parts(pixels)])
        mix = mixer(images.shape, generator)
        return normalise(mixed(images, mix)), soft_targets(labels, classes, mix)

    return prepare


def _parts(pixels: Pixels) -> tuple[Pixels, ...]:
    """On a CPU so few images at a time that every step finds them in the cache."""
    if pixels.device.type != "cpu":
        return (pixels,)
    return pixels.split(max(1, CACHED // pixels[0].numel()))


def _joined(parts: list[Images]) -> Images:
    return parts[0] if len(parts) == 1 else torch.cat(parts)
