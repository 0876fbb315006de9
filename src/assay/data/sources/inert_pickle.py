"""Pickles of plain values and numpy arrays, read without running anything that they name.

A pickle names functions and says what to call them with. Here each of the few names that numpy
arrays need leads to a note of the call, and every other name is a Fault; what the notes mean is
worked out afterwards, by our own code.
"""

import io
import math
import pickle  # only its parser, with names that lead nowhere
from typing import Any

import numpy as np

from assay.fault import Fault, on_one_line


def read_pickle(data: bytes, where: str) -> Any:
    """The value, with `Note`s for arrays and with Python 2's strings as bytes."""
    try:
        return _Reader(io.BytesIO(data), where).load()
    except Fault:
        raise
    except Exception as error:  # a damaged pickle can raise whatever its opcodes do
        told = on_one_line(error)[:100] or type(error).__name__
        raise Fault(f"{where}: a damaged pickle ({told}); copy or download it again") from None


class Note:
    """What a pickle wanted to be called, and with what. It can be told a state, and no more."""

    __slots__ = ("given", "state")

    def __init__(self, *given: Any) -> None:
        self.given = given
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Rebuilt(Note):
    __slots__ = ()


class _Type(Note):
    __slots__ = ()


class _Encoded(Note):
    __slots__ = ()


class _Array(Note):
    __slots__ = ()


_NAMES = {
    **dict.fromkeys(
        [("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct")],
        _Rebuilt,
    ),
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("_codecs", "encode"): _Encoded,
}


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, where: str) -> None:
        super().__init__(file, encoding="bytes")
        self._where = where

    def find_class(self, module: str, name: str) -> type[Note]:
        if (module, name) not in _NAMES:
            raise Fault(
                f"{self._where}: wants to call {module}.{name}, and no code of a pickle is run; "
                "take the file of the official archive"
            )
        return _NAMES[module, name]


def bytes_array(value: Any) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
    """The array of unsigned bytes that a value notes; None where it is anything else."""
    try:
        _, shape, kind, fortran, content = value.state
        rebuilt = type(value) is _Rebuilt and type(kind) is _Type
        if not rebuilt or text(kind.given[0]) != "u1" or fortran:
            return None
        if type(content) is _Encoded:
            content = content.given[0].encode("latin-1")
        if type(content) is not bytes or any(type(side) is not int for side in shape):
            return None
        if min(shape, default=0) < 0 or math.prod(shape) != len(content):
            return None
        return np.frombuffer(content, np.uint8).reshape(shape)
    except (AttributeError, IndexError, TypeError, ValueError):
        return None


def text(value: Any) -> Any:
    """Python 2's strings as text; everything else as it is."""
    return value.decode("latin-1") if type(value) is bytes else value
