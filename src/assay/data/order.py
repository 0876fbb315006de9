"""The order of an epoch: blocks of neighbours in random order, shuffled within large windows."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Int64
from torch import Tensor

BLOCK = 2**20  # bytes of neighbouring images, read in one go
WINDOW = 2**27  # bytes of images that are shuffled among each other


class Window(NamedTuple):
    """Some blocks as (first, end) rows, and the order in which their rows, put together, come."""

    blocks: list[tuple[int, int]]
    order: Int64[Tensor, " m"]

    def rows(self) -> Int64[Tensor, " m"]:
        """The rows of the split in the window's order."""
        return torch.cat([torch.arange(*block) for block in self.blocks])[self.order]


def windows(images: int, image_bytes: int, generator: torch.Generator) -> Iterator[Window]:
    """Every row once; a split of at most one window comes in an order as random as any.

    Depends on the sizes and the generator alone, so that what is streamed comes in the same order
    as what lies in memory. A larger split must itself be stored in random order.
    """
    block = max(1, BLOCK // image_bytes)
    firsts = torch.randperm(-(-images // block), generator=generator) * block
    for some in firsts.split(max(1, WINDOW // (block * image_bytes))):
        blocks = [(first, min(first + block, images)) for first in some.tolist()]
        size = sum(end - first for first, end in blocks)
        yield Window(blocks, torch.randperm(size, generator=generator))


def without(images: int, order: Iterator[Window]) -> Iterator[Window]:
    """The same order but for its first images; windows that were to give those alone go too."""
    for window in order:
        left = max(0, images)
        images -= len(window.order)
        if left < len(window.order):
            yield window._replace(order=window.order[left:])
