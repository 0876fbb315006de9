"""Batches of one split from memory or from its map, shuffled or in order."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from assay.data.packed import Packed

Batch = tuple[UInt8[Tensor, "b c h w"], Int64[Tensor, " b"]]


class Resident:
    """All images of one split on one device; on the CPU they stay in the memory map."""

    def __init__(self, packed: Packed, device: torch.device, limit: int | None = None) -> None:
        """Put the images on `device`: all, or `limit` of them at even distances."""
        images, labels = packed.images, packed.labels
        if limit is not None and limit < len(labels):
            rows = np.linspace(0, len(labels) - 1, limit).round().astype(np.int64)
            images, labels = images[rows], labels[rows]
        self.images = torch.from_numpy(images).to(device)
        self.labels = torch.from_numpy(labels).to(device)

    def __len__(self) -> int:
        return len(self.labels)

    def shuffled(self, batch_size: int, generator: torch.Generator) -> Iterator[Batch]:
        """Full batches in random order; what is left over waits for another epoch."""
        order = torch.randperm(len(self), generator=generator).to(self.labels.device)
        for start in range(0, len(self) - batch_size + 1, batch_size):
            rows = order[start : start + batch_size]
            yield self.images[rows], self.labels[rows]

    def ordered(self, batch_size: int) -> Iterator[Batch]:
        """Every image once, in file order; the last batch may be smaller."""
        for start in range(0, len(self), batch_size):
            rows = slice(start, start + batch_size)
            yield self.images[rows], self.labels[rows]
