"""Reading blocks of a packed array past its map, whose pages would count as this process's."""

import errno
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor


class Stream:
    """Rows of a mapped array n h w c, read from its file into memory of their own."""

    def __init__(self, images: np.memmap) -> None:
        self._path, self._start = Path(str(images.filename)), images.offset
        self._shape = images.shape[1:]
        self._bytes = int(np.prod(self._shape))

    def read(self, blocks: list[tuple[int, int]]) -> UInt8[Tensor, "m h w c"]:
        """The rows from first to end of each block, one block after the other."""
        rows = sum(end - first for first, end in blocks)
        pixels = np.empty((rows, *self._shape), np.uint8)
        buffer, filled = memoryview(pixels.data).cast("B"), 0
        with self._path.open("rb", buffering=0) as file:
            for first, end in blocks:
                file.seek(self._start + first * self._bytes)
                wanted = filled + (end - first) * self._bytes
                while filled < wanted:
                    filled += file.readinto(buffer[filled:wanted]) or self._ended()
        return torch.from_numpy(pixels)

    def _ended(self) -> int:
        raise OSError(errno.EIO, "ends too early; run `dvc repro` again", str(self._path))
