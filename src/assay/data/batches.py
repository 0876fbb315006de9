"""Batches of one split: resident on the device or streamed from disk, the same either way."""

import math
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from assay.data.order import Window, windows, without
from assay.data.packed import Packed
from assay.data.stream import Stream
from assay.free_memory import free_memory

Stored = UInt8[Tensor, "n h w c"]
Labels = Int64[Tensor, " b"]
Batch = tuple[UInt8[Tensor, "b c h w"], Labels]


class Batches:
    """The images of a split, or of several, as uint8 n c h w in channels-last memory, and labels.

    Resident images lie on the device (on a CPU they stay in the map, which the system keeps in
    memory). Others are read window by window, the next one while the last is in use.
    """

    def __init__(
        self,
        packs: Sequence[Packed],
        device: torch.device,
        *,
        memory: float | None = None,
        limit: int | None = None,
    ) -> None:
        """All images, or `limit` of them at even distances; resident up to `memory` GB.

        `memory` None is half of what is free on the device.
        """
        images, labels = [one.images for one in packs], np.concatenate([p.labels for p in packs])
        if limit is not None and limit < len(labels):
            rows = np.linspace(0, len(labels) - 1, limit).round().astype(np.int64)
            images, labels = [_together(images)[rows]], labels[rows]
        mapped = [one for one in images if isinstance(one, np.memmap)]
        self._stream = Stream(mapped) if len(mapped) == len(images) else None
        size = sum(one.nbytes for one in images)
        self.resident = self._stream is None or size <= _allowed(memory, device)
        self.labels = torch.from_numpy(labels).to(device)
        self._stored = [torch.from_numpy(one) for one in images]
        if self.resident:
            self._stored = [torch.from_numpy(_together(images)).to(device)]

    def __len__(self) -> int:
        return len(self.labels)

    def shuffled(
        self, batch_size: int, generator: torch.Generator, *, skip: int = 0
    ) -> Generator[Batch, None, None]:
        """Full batches in random order, but for the first `skip`; what is left over is left out."""
        order = without(skip * batch_size, windows(len(self), self._image_bytes, generator))
        pixels = self._stored[0][:0].to(self.labels.device)
        labels = self.labels[:0]
        for piece in self._pieces(order):
            start = batch_size - len(labels) if len(labels) else 0
            if start:  # a batch that the last piece began
                pixels = torch.cat([pixels, piece.pixels[piece.order[:start]]])
                labels = torch.cat([labels, piece.labels[:start]])
                if len(labels) < batch_size:
                    continue
                yield _planes(pixels), labels
            for first in range(start, len(piece.order) - batch_size + 1, batch_size):
                rows = slice(first, first + batch_size)
                yield _planes(piece.pixels[piece.order[rows]]), piece.labels[rows]
            used = start + (len(piece.order) - start) // batch_size * batch_size
            pixels, labels = piece.pixels[piece.order[used:]], piece.labels[used:]

    def ordered(self, batch_size: int) -> Iterator[Batch]:
        """Every image once, in the order of the files; the last batch of each may be smaller."""
        device, done = self.labels.device, 0
        for part in self._stored:
            for pixels in part.split(batch_size) if len(part) else ():
                yield _planes(pixels.to(device)), self.labels[done : done + len(pixels)]
                done += len(pixels)

    @property
    def _image_bytes(self) -> int:
        return max(1, math.prod(self._stored[0].shape[1:]))

    def _pieces(self, order: Iterator[Window]) -> Iterator["_Piece"]:
        if self.resident or self._stream is None:
            return self._gathered(order)
        return self._streamed(order, self._stream)

    def _gathered(self, order: Iterator[Window]) -> Iterator["_Piece"]:
        """Everything at once: all rows of the images that are there."""
        rows = torch.cat([window.rows() for window in order]).to(self.labels.device)
        yield _Piece(self._stored[0], rows, self.labels[rows])

    def _streamed(self, order: Iterator[Window], stream: Stream) -> Iterator["_Piece"]:
        """One window after the other, read by a thread while the last one is in use."""
        device = self.labels.device
        with ThreadPoolExecutor(1) as reader:
            waiting: deque[tuple[Window, Future[Stored]]] = deque()
            for window in order:
                waiting.append((window, reader.submit(stream.read, window.blocks)))
                if len(waiting) > 1:
                    yield self._piece(*waiting.popleft(), device)
            while waiting:
                yield self._piece(*waiting.popleft(), device)

    def _piece(self, window: Window, pixels: "Future[Stored]", device: torch.device) -> "_Piece":
        labels = self.labels[window.rows().to(device)]
        return _Piece(pixels.result().to(device), window.order.to(device), labels)


class _Piece(NamedTuple):
    """Pixels, the order in which to take them, and the labels in that order."""

    pixels: Stored
    order: Int64[Tensor, " m"]
    labels: Int64[Tensor, " m"]


def _together(images: list[UInt8[np.ndarray, "n h w c"]]) -> UInt8[np.ndarray, "n h w c"]:
    """One array; where there is but one, itself, which may be a map."""
    return images[0] if len(images) == 1 else np.concatenate(images)


def _planes(pixels: Stored) -> UInt8[Tensor, "n c h w"]:
    return pixels.permute(0, 3, 1, 2)


def _allowed(memory: float | None, device: torch.device) -> float:
    """Bytes of images that may lie on the device."""
    if memory is not None:
        return memory * 1e9
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] / 2
    return free_memory() / 2
