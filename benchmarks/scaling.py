"""How training scales, images a second or megabytes: more against less.

A `cifar_resnet` of n = 1 on noise, without augmentation, the median epoch after a first one, each
case in a process of its own: the batch size (against 128), the side of the images (pixels a second,
against 32), ten times the images (seconds an epoch, against once), and the anonymous memory of
streaming ten times the images (against once), in windows of a sixteenth of the smaller set.
"""

import statistics
import tempfile
from pathlib import Path

import numpy as np
from measure import alone, epochs, in_memory, peak
from table import record, row

from assay.data import order
from assay.data.packed import Packed
from assay.device import choose_device, choose_precision, machine, use_threads
from assay.params.variants import Plan

COMMAND = "python benchmarks/scaling.py"
IMAGES, BATCH, SIDE, EPOCHS = 4096, 128, 32, 3
BATCHES, SIDES = (8, 32, 512), (16, 64, 128)


def noise(images: int, side: int) -> Packed:
    """So many images of a side, in memory."""
    pixels = np.random.default_rng(0).integers(0, 256, (images, side, side, 3), dtype=np.uint8)
    return in_memory(pixels, 10)


def trained(
    packed: Packed, batch: int, gigabytes: float | None = None, count: int = EPOCHS
) -> float:
    """Seconds of the median of so many epochs but for the first."""
    words = {"epochs": count, "batch_size": batch, "lr": 1e-4, "resident_gb": gigabytes}
    plan = Plan.model_validate(
        {
            "model": {"arch": "cifar_resnet", "n": 1},
            "train": words,
            "augment": {},
            "normalise": "dataset",
        }
    )
    return statistics.median(seconds for seconds, _ in epochs(plan, packed)[1:])


def epoch(images: int = IMAGES, side: int = SIDE, batch: int = BATCH, count: int = EPOCHS) -> float:
    """Seconds of an epoch on images in memory."""
    return trained(noise(images, side), batch, count=count)


def streamed(file: Path, images: int) -> float:
    """Megabytes at most while the first images of a file are streamed."""
    packed = noise(1, SIDE)
    pixels = np.load(file, mmap_mode="c")[:images]
    order.WINDOW = IMAGES * SIDE * SIDE * 3 // 16
    some = packed._replace(images=pixels, labels=np.arange(images) % 10)
    return peak(trained, some, BATCH, 0.0)


def main() -> None:
    device = choose_device("auto")
    use_threads(None)
    about = machine(device, choose_precision("auto", device))

    def line(name: str, more: float, less: float, unit: str) -> dict[str, object]:
        return row(f"scaling: {name}", more, less, command=COMMAND, about=about, unit=unit)

    usual = IMAGES / alone(epoch)
    rows = [
        line(
            f"batch {batch} against {BATCH}",
            IMAGES / alone(epoch, IMAGES, SIDE, batch),
            usual,
            "images/s",
        )
        for batch in BATCHES
    ]
    for side in SIDES:
        images = IMAGES * SIDE**2 // side**2
        pixels = images * side**2 / 1e6
        some = alone(epoch, images, side)
        rows.append(
            line(f"side {side} against {SIDE}", pixels / some, usual * SIDE**2 / 1e6, "Mpixel/s")
        )
    once = alone(epoch, IMAGES, SIDE, BATCH, 1 + 10 * (EPOCHS - 1))  # trained for as long
    ten = alone(epoch, 10 * IMAGES)
    rows.append(line("10x the images", ten, once, "s an epoch, less is better"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "images.npy")
        np.save(file, noise(10 * IMAGES, SIDE).images)
        more, less = (alone(streamed, file, images) for images in (10 * IMAGES, IMAGES))
    rows.append(line("10x the images, streamed", more, less, "MB, less is better"))
    record(rows)


if __name__ == "__main__":
    main()
