"""An .npy file that grows along its first axis, so that memory need not hold it."""

from pathlib import Path
from types import TracebackType

import numpy as np


class GrowingArray:
    """Write blocks of rows of one shape and type; the header is mended when it is closed.

    numpy pads the header so that the first axis can grow in place (numpy.lib.format, "Format
    Version 1.0").
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._row: np.ndarray | None = None  # the first block without its rows: shape and type
        self.rows = 0

    def append(self, block: np.ndarray) -> None:
        """Add rows; all blocks agree in type and in every axis but the first."""
        if self._row is None:
            self._row = block[:0]
            self._write_header(self._row)
        if block.shape[1:] != self._row.shape[1:] or block.dtype != self._row.dtype:
            raise ValueError(f"images of {self._row.shape[1:]} are wanted, got {block.shape[1:]}")
        self._file.write(np.ascontiguousarray(block).data)
        self.rows += len(block)

    def _write_header(self, like: np.ndarray) -> None:
        about = {
            "descr": np.lib.format.dtype_to_descr(like.dtype),
            "fortran_order": False,
            "shape": (self.rows, *like.shape[1:]),
        }
        np.lib.format.write_array_header_1_0(self._file, about)

    def __enter__(self) -> "GrowingArray":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._row is not None and error is None:
            self._file.seek(0)
            self._write_header(self._row)
        self._file.close()
