"""What the compiled kernels share: kept machine code, torch's threads, and bf16 as 16 bits.

numba compiles a kernel for a type when it first meets it, some ten seconds for all, and keeps the
machine code in the user's cache, by what the sources say: so copies of the project share it, as
queued runs are, and a change in any source compiles anew. numba knows no bf16: a number of it is
the upper half of an fp32 one, and a kernel gets it as uint16.
"""

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import torch
from llvmlite import ir
from numba import types
from numba.core.caching import FunctionCache, UserWideCacheLocator
from numba.extending import intrinsic

config: Any = numba.config
config.THREADING_LAYER_PRIORITY = ["omp", "tbb", "workqueue"]  # omp: the pool is torch's

# Sums may be reordered, so that they vectorise; NaN and infinity stay what they are.
FAST = {"reassoc", "contract", "nsz", "arcp"}
BITS = ir.IntType(32)
SOURCES = sorted(Path(__file__).parent.glob("*.py"))


class Kept(UserWideCacheLocator):
    """Where numba keeps the machine code of these sources."""

    def __init__(self, function: Callable[..., None], file: str) -> None:
        super().__init__(function, file)
        self._stamp = hashlib.sha256(b"".join(one.read_bytes() for one in SOURCES)).hexdigest()

    def get_cache_path(self) -> str:
        """The folder in the user's cache."""
        return str(Path(self._cache_path).parent / f"assay-{self._stamp[:16]}")

    def get_source_stamp(self) -> str:
        """What makes machine code stale."""
        return self._stamp


class Cache(FunctionCache):
    """A cache that at worst is of no use: what cannot be read or written is compiled again."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Machine code for these types, or None."""
        try:
            found = super().load_overload(sig, target_context)
        except Exception:  # a damaged file can raise anything
            with contextlib.suppress(OSError):
                self.flush()
            return None
        # two processes that write an index at once can leave it naming another one's file
        return found if found and tuple(found.signature.args) == tuple(sig) else None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep machine code, unless the disk refuses."""
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)


config.CACHE_LOCATOR_CLASSES = f"{__name__}.{Kept.__name__}"


def kernel(function: Callable[..., None]) -> Callable[..., None]:
    """Compile a function of arrays when it is first called; the machine code is kept on disk.

    Where the user's cache cannot be written, each process compiles anew.
    """
    compiled: Any = numba.njit(parallel=True, fastmath=FAST, error_model="numpy")(function)
    with contextlib.suppress(RuntimeError):  # no place to keep it
        compiled._cache = Cache(function)  # what enable_caching does with numba's own

    def call(*arrays: Any) -> None:
        threads = torch.get_num_threads()
        numba.set_num_threads(min(threads, config.NUMBA_NUM_THREADS))
        compiled(*arrays)
        if torch.get_num_threads() != threads:  # numba's first launch sets OpenMP's default
            torch.set_num_threads(threads)

    return call


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that kernels call."""
    compiled: Callable[..., Any] = numba.njit(fastmath=FAST, error_model="numpy")(function)
    return compiled


def _load(context: Any, value: Any) -> Any:
    """A number of an array in the precision of the arithmetic: bf16 as fp32, others as they are."""

    def widened(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        bits = builder.shl(builder.zext(given[0], BITS), BITS(16))
        return builder.bitcast(bits, ir.FloatType())

    if value == types.uint16:
        return types.float32(value), widened
    return value(value), _as_it_is


def _store(context: Any, value: Any, place: Any) -> Any:
    """The other way round, as wanted at a place: bf16 is rounded to the nearest, ties to even."""

    def rounded(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        bits = builder.bitcast(given[0], BITS)
        odd = builder.and_(builder.lshr(bits, BITS(16)), BITS(1))
        up = builder.add(builder.add(bits, BITS(0x7FFF)), odd)
        number = builder.trunc(builder.lshr(up, BITS(16)), ir.IntType(16))
        is_nan = builder.fcmp_unordered("uno", given[0], given[0])
        return builder.select(is_nan, ir.IntType(16)(0x7FC0), number)

    if place == types.uint16:
        return types.uint16(types.float32, place), rounded
    return value(value, place), _as_it_is


def _as_it_is(_context: Any, _builder: Any, _signature: Any, given: Any) -> Any:
    return given[0]


load: Any = intrinsic(_load)
store: Any = intrinsic(_store)
