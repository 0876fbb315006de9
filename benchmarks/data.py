"""From files to batches: images a second and core, memory as data grow, streamed against resident.

Ingest (with the audit) and preprocess stand against Pillow decoding the same files to RGB and doing
nothing else, in as many processes; each is measured three times in turn, and the median counts.
Streamed training stands against resident training of the same network on the same images, and its
losses must be the same to the bit.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from assay.cores import cores

TIMES, EPOCHS = 3, 3


def decode(paths: list[Path]) -> None:
    """What the rival does: Pillow, and nothing else."""
    for path in paths:
        with Image.open(path) as image:
            image.convert("RGB")


def in_pieces(paths: list[Path]) -> Iterator[list[Path]]:
    rest = iter(paths)
    return iter(lambda: list(itertools.islice(rest, 256)), [])


def rates(images: int, *measured: Callable[[], object]) -> list[float]:
    """Images a second and core of each, measured in turn."""
    seconds: list[list[float]] = [[] for _ in measured]
    for _ in range(TIMES):
        for measure, times in zip(measured, seconds, strict=True):
            started = time.perf_counter()
            measure()
            times.append(time.perf_counter() - started)
    return [images / statistics.median(times) / cores() for times in seconds]
