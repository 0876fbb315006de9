"""Whether a pixel is written like 0x10, which Arrow takes for 16 without a word.

Looking at every cell would cost more than reading them: so what stands in the bytes of the file is
counted, and what stands in its header and labels, where it may. What is left stands in pixels.
"""

from collections.abc import Iterable

import pyarrow as pa


class Hexadecimal:
    """A count of `0x`, of those that pass by less those that are expected."""

    def __init__(self, header: str) -> None:
        self._left = -_count(header.encode())
        self._last = b""  # of what has passed: `0x` may lie across two pieces

    def seen(self, piece: pa.Buffer) -> pa.Buffer:
        """Count what is in a piece of the file, and hand the piece on."""
        content = piece.to_pybytes()
        self._left += _count(self._last + content[:1]) + _count(content)
        self._last = content[-1:]
        return piece

    def expected(self, labels: Iterable[str] | None) -> None:
        """Leave out what stands in labels."""
        self._left -= sum(_count(label.encode()) for label in labels or ())

    @property
    def in_pixels(self) -> bool:
        """Whether any is left."""
        return self._left != 0


def _count(content: bytes) -> int:
    return content.count(b"0x") + content.count(b"0X")
