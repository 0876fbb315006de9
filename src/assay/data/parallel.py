"""Work spread over processes, one a core: results in order, few pieces in memory at a time."""

import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from assay.cores import cores
from assay.fault import Fault
from assay.memory import keep_freed_memory

Piece = TypeVar("Piece")
Done = TypeVar("Done")

AHEAD = 3  # pieces a process has in hand or waiting
MOST = 2**28  # bytes of pieces waiting


def over_cores(
    work: Callable[[Piece], Done],
    pieces: Iterable[Piece],
    weight: Callable[[Piece], int] = lambda piece: 0,
) -> Iterator[tuple[Piece, Done]]:
    """Each piece with what `work` made of it, in order; `work` and both must be picklable.

    `weight` is a piece's size in bytes: few large pieces are in hand at a time.
    """
    start = "fork" if sys.platform == "linux" else "spawn"  # fork: no second import of everything
    pool = ProcessPoolExecutor(cores(), multiprocessing.get_context(start), _begin, (os.getpid(),))
    waiting: deque[tuple[Piece, Future[Done]]] = deque()
    try:
        for piece in pieces:
            waiting.append((piece, pool.submit(work, piece)))
            while len(waiting) > AHEAD * cores() or sum(weight(p) for p, _ in waiting) > MOST:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)
    except BrokenProcessPool:
        raise Fault(
            "a process that reads images was killed, most likely for want of memory; free some, "
            "or remove the largest images"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _first(waiting: deque[tuple[Piece, Future[Done]]]) -> tuple[Piece, Done]:
    piece, future = waiting.popleft()
    return piece, future.result()


def _begin(parent: int) -> None:
    """Leave Ctrl-C to the parent, do not outlive it, and keep decoders' talk from the screen."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    warnings.simplefilter("ignore")
    keep_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
