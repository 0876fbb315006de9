"""From files to batches: reading with the audit, packing, and streaming.

Ingest with the audit, and preprocess, stand against Pillow decoding the same files to RGB and doing
nothing else, in as many processes; both in turn, several times, the medians. Streamed training
stands against training with resident images: the same network and images, of which a quarter fits
the window; the losses must be equal to the bit. The file lies in the system's cache: what a disk
takes comes on top. Memory is anonymous, the peak of all processes together (shared pages once), at
ten times the images against once. `--images` names an image_folder of photographs.
"""

import argparse
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from measure import alone, peak
from PIL import Image
from table import Row, record, row

from assay.cores import cores
from assay.data import order
from assay.data.audit import audit
from assay.data.classes import find_classes
from assay.data.duplicates import duplicates
from assay.data.examples import examples
from assay.data.ingest import ingest
from assay.data.ingested import open_ingested
from assay.data.pack import pack, rearranged
from assay.data.packed import unpack
from assay.data.parallel import over_cores
from assay.device import machine
from assay.params.data import Data
from assay.params.preprocess import Packing
from assay.params.variants import Plan
from assay.training.run import train

TIMES, SIZES, SIDE, TRAINED = 5, (128, 64), 64, 4096
COMMAND = "python benchmarks/data.py --images FOLDER"
PLAN = {
    "model": {"arch": "resnet18", "stem": "imagenet"},
    "train": {"epochs": 3, "batch_size": 64, "lr": 1e-3, "device": "cpu"},
    "augment": {"hflip": 0.5},
    "normalise": "dataset",
}


def decode(paths: list[Path]) -> None:
    """What the rival does: Pillow, and nothing else."""
    for path in paths:
        with Image.open(path) as image:
            image.convert("RGB")


def decode_all(folder: Path) -> None:
    """Every file of the folder, over the cores."""
    paths = iter(sorted(folder.rglob("*.jpg")))
    for _ in over_cores(decode, iter(lambda: list(itertools.islice(paths, 256)), [])):
        pass


def read(images: Path, folder: Path) -> None:
    """Ingest, and what the split stage finds out about the images."""
    data = Data(format="image_folder", path=str(images))
    ingest(data, folder)
    found = open_ingested(folder)
    near = duplicates(found.table, 4)
    classes = find_classes(found.table, data, found.classes, predefined=False, groups=near)
    table = found.table.assign(split="train", near=near)
    audit(table, classes, found.skipped)
    examples(table, found.pixels)


def packing(folder: Path, side: int, target: Path) -> None:
    """Every image into one split."""
    found = open_ingested(folder)
    part = rearranged(found, found.table, shuffled=True)
    classes = sorted(found.table["label"].unique())
    pack(found, part, classes, packing=Packing(size=(side, side)), channels=3, folder=target)


def seconds(*sides: Callable[[], object]) -> list[float]:
    """The median of each side, measured in turn after once for nothing."""
    found: list[list[float]] = [[] for _ in sides]
    for _ in range(TIMES + 1):
        for side, times in zip(sides, found, strict=True):
            started = time.perf_counter()
            side()
            times.append(time.perf_counter() - started)
    return [statistics.median(times[1:]) for times in found]


def training(packed: Path, gigabytes: float | None) -> tuple[float, list[float]]:
    """Seconds of the median epoch, and the losses, with so much memory for images."""
    whole = unpack(packed)
    images = whole._replace(images=whole.images[:TRAINED], labels=whole.labels[:TRAINED])
    order.WINDOW = images.images.nbytes // 4
    given = PLAN | {"train": {**PLAN["train"], "resident_gb": gigabytes}}  # type: ignore[dict-item]
    epochs = train(Plan.model_validate(given), 0, images, images.emptied()).epochs
    times = [epoch.train_seconds for epoch in epochs]
    return statistics.median(times[1:]), [epoch.train_loss for epoch in epochs]


def tenfold(images: Path, target: Path) -> None:
    """The same folder with every file ten times, as hard links or copies."""
    for path in images.rglob("*.jpg"):
        folder = target / path.relative_to(images).parent
        folder.mkdir(parents=True, exist_ok=True)
        for n in range(10):
            try:
                os.link(path, folder / f"{n}-{path.name}")
            except OSError:
                (folder / f"{n}-{path.name}").write_bytes(path.read_bytes())


def speed_rows(images: Path, work: Path, about: dict[str, Any]) -> Iterator[Row]:
    """Ingest and preprocess against decoding alone, images a second and core."""
    number = sum(1 for _ in images.rglob("*.jpg"))

    def line(name: str, ours: float, rival: float) -> Row:
        rates = [number / each / cores() for each in (ours, rival)]
        return row(name, *rates, command=COMMAND, about=about, unit="images/s and core")

    read_all = lambda: read(images, work / "ingested")  # noqa: E731
    yield line("ingest with audit", *seconds(read_all, lambda: decode_all(images)))
    for side in SIZES:
        pack_all = lambda side=side: packing(work / "ingested", side, work / f"{side}")  # noqa: E731
        yield line(f"preprocess to {side}x{side}", *seconds(pack_all, lambda: decode_all(images)))


def memory_rows(images: Path, work: Path, about: dict[str, Any]) -> Iterator[Row]:
    """Ten times the images against once."""
    tenfold(images, work / "ten")
    peaks = [
        (alone(peak, read, folder, work / name), alone(peak, packing, work / name, 64, work / "64"))
        for name, folder in (("ingested", images), ("ingested-ten", work / "ten"))
    ]
    for name, once, ten in zip(("ingest with audit", "preprocess"), *peaks, strict=True):
        told = f"{name}, memory at 10x the images (ours) and at 1x (rival)"
        yield row(told, ten, once, command=COMMAND, about=about, unit="MB")


def streaming_row(work: Path, about: dict[str, Any]) -> Row:
    """Streamed training against resident."""
    packed = work / f"{SIDE}"
    streamed, losses = alone(training, packed, 0.0)
    resident, same = alone(training, packed, None)
    if losses != same:
        raise SystemExit(f"error: streamed losses {losses} differ from resident {same}")
    number = min(TRAINED, len(unpack(packed).labels))
    name = f"training resnet18 at {SIDE}x{SIDE}, streamed (ours) and resident (rival)"
    rates = number / streamed, number / resident
    return row(name, *rates, command=COMMAND, about=about, unit="images/s")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--images", type=Path, required=True, help="an image_folder of JPEGs")
    images = words.parse_args().images.resolve()
    about = machine(torch.device("cpu"), torch.float32)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        rows = [*speed_rows(images, work, about), streaming_row(work, about)]
        record([*rows, *memory_rows(images, work, about)])


if __name__ == "__main__":
    main()
