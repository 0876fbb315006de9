"""Reading blocks of packed arrays past their maps, whose pages would count as this process's."""

import errno
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor


class Stream:
    """Rows of mapped arrays n h w c, one after the other, read from files into other memory."""

    def __init__(self, images: Sequence[np.memmap]) -> None:
        self._images = images
        self._shape = images[0].shape[1:]
        self._bytes = int(np.prod(self._shape))

    def read(self, blocks: list[tuple[int, int]]) -> UInt8[Tensor, "m h w c"]:
        """The rows from first to end of each block, one block after the other."""
        rows = sum(end - first for first, end in blocks)
        pixels = np.empty((rows, *self._shape), np.uint8)
        buffer = memoryview(pixels.data).cast("B")
        for block in blocks:
            for images, first, end in self._parts(*block):
                size = (end - first) * self._bytes
                self._fill(buffer[:size], images, first)
                buffer = buffer[size:]
        return torch.from_numpy(pixels)

    def _parts(self, first: int, end: int) -> Iterator[tuple[np.memmap, int, int]]:
        """The arrays that rows from `first` to before `end` lie in, with their own numbers."""
        for images in self._images:
            start, stop = max(0, first), min(end, len(images))
            if start < stop:
                yield images, start, stop
            first, end = first - len(images), end - len(images)

    def _fill(self, buffer: memoryview, images: np.memmap, first: int) -> None:
        path, filled = Path(str(images.filename)), 0
        with path.open("rb", buffering=0) as file:
            file.seek(images.offset + first * self._bytes)
            while filled < len(buffer):
                read = file.readinto(buffer[filled:])
                if not read:
                    raise OSError(errno.EIO, "ends too early; run `dvc repro` again", str(path))
                filled += read
