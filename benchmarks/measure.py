"""How the benchmarks measure: each side in a process of its own, the median after a warm-up."""

import multiprocessing
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

T = TypeVar("T")

EPOCHS, SECONDS = 2, 1.0  # at least so many epochs, and so long


def alone(measure: Callable[..., T], *given: object) -> T:
    """Measure in a process of its own, so that no side's settings reach the other."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(measure, *given).result()


def rate(epoch: Callable[[], int]) -> float:
    """Images a second of the median epoch; `epoch` tells how many images it took."""
    epoch()
    seconds: list[float] = []
    images = 1
    while len(seconds) < EPOCHS or sum(seconds) < SECONDS:
        started = time.perf_counter()
        images = epoch()
        seconds.append(time.perf_counter() - started)
    return images / statistics.median(seconds)
