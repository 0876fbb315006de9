"""How the benchmarks measure: each side in a process of its own, the median after a warm-up."""

import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import psutil
from jaxtyping import UInt8

from assay.data.packed import Packed
from assay.params.variants import Plan
from assay.training.run import train

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


def peak(work: Callable[..., object], *given: object) -> float:
    """Megabytes of anonymous memory at most while `work` runs, in this process and its children."""
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            most = max(most, _anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    work(*given)
    done.set()
    watcher.join()
    return most / 1024


def _anonymous() -> int:
    """Kilobytes, each process's share of what several of them have."""
    found = 0
    own = psutil.Process()
    for process in (own, *own.children()):
        try:
            text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:  # it has ended
            continue
        found += sum(int(line.split()[1]) for line in text.splitlines() if "Pss_Anon" in line)
    return found


def in_memory(pixels: UInt8[np.ndarray, "n h w c"], classes: int) -> Packed:
    """Pixels as a packed split, its labels by turns."""
    _, h, w, c = pixels.shape
    meta = {
        "classes": [str(number) for number in range(classes)],
        "shape": [c, h, w],
        "mean": [0.5] * c,
        "deviation": [0.25] * c,
    }
    return Packed(pixels, np.arange(len(pixels)) % classes, pd.DataFrame(), meta)


def epochs(plan: Plan, packed: Packed) -> list[tuple[float, float]]:
    """Seconds and mean training loss of each epoch of our loop, without validation."""
    done = train(plan, 0, packed, packed.emptied()).epochs
    return [(epoch.train_seconds, epoch.train_loss) for epoch in done]
