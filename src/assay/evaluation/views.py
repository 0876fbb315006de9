"""Test-time augmentation: the views of an image whose answers are averaged."""

import itertools
from collections.abc import Callable

import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import UInt8
from torch import Tensor

from assay.params.evaluate import Tta

Pixels = UInt8[Tensor, "n c h w"]
View = Callable[[Pixels], Pixels]


def views(tta: Tta) -> list[View]:
    """The image itself first; where it is moved, up, down, left and right, black comes in."""
    by = tta.shift
    moves = [(0, 0), *([(by, 0), (-by, 0), (0, by), (0, -by)] if by else [])]
    mirrored = [False, True] if tta.hflip else [False]
    return [_view(move, mirror) for mirror, move in itertools.product(mirrored, moves)]


def _view(move: tuple[int, int], mirror: bool) -> View:
    down, right = move

    def seen(pixels: Pixels) -> Pixels:
        if down or right:  # a negative padding cuts off
            pixels = F.pad(pixels, (right, -right, down, -down))
        return pixels.flip(3) if mirror else pixels

    return seen
