"""Training, images a second: our loop against the plain one that a good student writes.

The rival: a Dataset of decoded Pillow images, torchvision's transforms in a DataLoader (with no
worker or one a core, whichever is faster), the same network (torch's batch norm for ours), fp32,
row-major, eager, the same fused optimiser. Both train the same epochs on the same images from the
same weights, without validation; the first epoch of each, a warm-up, is left out, and each side
runs in a process of its own. Beside the speed stands the mean training loss of the last epoch,
after few steps on random labels: a VGG's hangs on what its dropout drew. Networks, sizes and
augmentations are those of the studies, with few images; `--images FOLDER` takes photographs,
without it digits are enlarged.
"""

import argparse
import statistics
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from measure import alone, epochs, in_memory
from rival import pictures, plain_loop
from table import Row, record, row

from assay.cores import cores
from assay.data.packed import Packed
from assay.device import choose_device, choose_precision, machine, use_threads
from assay.params.variants import Plan

EPOCHS, CLASSES = 3, 10
COMMAND = "python benchmarks/training.py"
DIGITS = {"pad_crop": 2, "rotate": 10.0, "affine": {"scale": [0.9, 1.1]}}
SPECIES = {
    "hflip": 0.5,
    "rotate": 30.0,
    "color_jitter": {"brightness": 0.2, "contrast": 0.2, "saturation": 0.2, "hue": 0.1},
}
CIFAR = {"pad_crop": 4, "hflip": 0.5}


class Case(NamedTuple):
    """A network on images of a size: grey (1) or in colour (3), so many a batch and an epoch."""

    model: dict[str, Any]
    side: int
    channels: int
    batch: int
    images: int
    augment: dict[str, Any]

    @property
    def name(self) -> str:
        """What the row says."""
        depth = f" n={self.model['n']}" if "n" in self.model else ""
        return f"{self.model['arch']}{depth}, {self.side}x{self.side}, batch {self.batch}"


CASES = [
    Case({"arch": "vgg16"}, 32, 1, 64, 512, DIGITS),
    Case({"arch": "resnet18"}, 32, 1, 64, 1024, DIGITS),
    Case({"arch": "vgg16"}, 224, 1, 16, 32, DIGITS),
    Case({"arch": "resnet18"}, 224, 1, 32, 160, DIGITS),
    Case({"arch": "resnet50"}, 224, 3, 32, 96, SPECIES),
    Case({"arch": "vgg19"}, 224, 3, 16, 32, SPECIES),
    Case({"arch": "cifar_resnet", "n": 3}, 32, 3, 128, 2560, CIFAR),
    Case({"arch": "cifar_resnet", "n": 18}, 32, 3, 128, 640, CIFAR),
    Case({"arch": "cifar_preact_resnet", "n": 18}, 32, 3, 128, 384, CIFAR),
    Case({"arch": "cifar_resnet", "n": 2}, 256, 3, 32, 160, {}),
]


def plan_of(case: Case, precision: str) -> Plan:
    """The plan that trains it."""
    words = {"epochs": EPOCHS, "batch_size": case.batch, "optimiser": "adam", "lr": 1e-4}
    return Plan.model_validate(
        {
            "model": case.model,
            "train": words | {"precision": precision},
            "augment": case.augment,
            "normalise": "dataset",
        }
    )


def stored(case: Case, folder: Path | None) -> Packed:
    """The images as a packed split, in memory."""
    mode = "L" if case.channels == 1 else "RGB"
    given = pictures(folder, case.side, case.images)
    pixels = np.stack([np.asarray(image.convert(mode)) for image in given])
    shape = len(pixels), case.side, case.side, case.channels
    return in_memory(pixels.reshape(shape), CLASSES)


def rival_epochs(case: Case, folder: Path | None, workers: int) -> list[tuple[float, float]]:
    """Seconds and mean loss of each epoch of the plain loop."""
    use_threads(None)
    return plain_loop(plan_of(case, "fp32"), 0, stored(case, folder), workers)[1]


def our_epochs(case: Case, folder: Path | None, precision: str) -> list[tuple[float, float]]:
    """Seconds and mean loss of each epoch of our loop."""
    return epochs(plan_of(case, precision), stored(case, folder))


def measured(case: Case, folder: Path | None, device: torch.device) -> list[Row]:
    """Rows of the table: ours in the precision that `auto` takes, and in fp32."""

    def measure(*given: Any) -> tuple[float, float]:
        seconds, losses = zip(*alone(*given), strict=True)
        return case.images / statistics.median(seconds[1:]), losses[-1]

    counts = {0, cores()}
    rival, their_loss = max(measure(rival_epochs, case, folder, workers) for workers in counts)
    automatic = machine(device, choose_precision("auto", device))["precision"]
    rows = []
    for precision in sorted({automatic, "fp32"}):
        ours, loss = measure(our_epochs, case, folder, precision)
        about = machine(device, choose_precision(precision, device))
        words = f"{case.name}, ours in {precision}"
        both = [("training", ours, rival, "images/s"), ("loss", loss, their_loss, "nats")]
        rows += [
            row(f"{what} {words}", *sides, command=COMMAND, about=about, unit=unit)
            for what, *sides, unit in both
        ]
        print(f"{words}: {ours:.1f} / {rival:.1f}, loss {loss:.3f} / {their_loss:.3f}", flush=True)
    return rows


def main() -> None:
    words = argparse.ArgumentParser(description="training against a plain loop")
    words.add_argument("--images", type=Path)
    words.add_argument("--only", default="", help="measure the rows again whose names have this")
    given = words.parse_args()
    cases = [case for case in CASES if given.only in case.name]
    device = choose_device("auto")
    use_threads(None)
    rows = [one for case in cases for one in measured(case, given.images, device)]
    record(rows, some=bool(given.only))


if __name__ == "__main__":
    main()
