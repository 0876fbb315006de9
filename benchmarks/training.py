"""Training, images a second: our loop against the plain one that a good student writes.

The rival: a Dataset of Pillow images, torchvision's transforms in a DataLoader (with no worker or
one a core, whichever is faster), the same network (torch's batch norm for ours), fp32, row-major,
eager, the same fused optimiser. Both train the same epochs on the same images; the first epoch of
each, a warm-up, is left out, and each side runs in a process of its own.
"""

import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from assay.data.packed import Packed, unpack
from assay.device import choose_device, choose_precision, machine, use_threads
from assay.files import write_json, write_text
from assay.models import build
from assay.params import experiment
from assay.params.augment import Affine, Augment
from assay.params.variants import Plan
from assay.training.optimiser import make_optimiser
from assay.training.run import train

EPOCHS = 4
COMMAND = "make bench"


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """Pillow images and labels, transformed one by one."""

    def __init__(self, packed: Packed, plan: Plan) -> None:
        augment, affine, meta = plan.augment, plan.augment.affine, packed.meta
        channels_last = packed.images.transpose(0, 2, 3, 1)
        self._images = [Image.fromarray(image.squeeze()) for image in channels_last]
        self._labels = packed.labels.tolist()
        self._transform = v2.Compose(
            [
                *([v2.RandomCrop(meta["shape"][1:], augment.pad_crop)] if augment.pad_crop else []),
                *([self._affine(augment)] if augment.rotate or affine != Affine() else []),
                v2.ToImage(),
                v2.ToDtype(torch.float32, scale=True),
                *(
                    [v2.Normalize(meta["mean"], meta["deviation"])]
                    if plan.normalise == "dataset"
                    else []
                ),
            ]
        )

    @staticmethod
    def _affine(augment: Augment) -> v2.Transform:
        affine = augment.affine
        return v2.RandomAffine(
            augment.rotate,
            translate=(affine.translate, affine.translate),
            scale=affine.scale,
            shear=affine.shear,
            interpolation=v2.InterpolationMode.BILINEAR,
        )

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        return self._transform(self._images[row]), self._labels[row]


def rival_seconds(plan: Plan, packed: Packed, device: torch.device, workers: int) -> list[float]:
    """Seconds of each epoch of the plain loop."""
    use_threads(plan.train.threads)
    norm = {"bn": "bn_torch"}.get(plan.model.norm, plan.model.norm)
    model = plan.model.model_copy(update={"norm": norm})
    classes = len(packed.meta["classes"])
    network = build(model, packed.meta["shape"], classes, torch.Generator()).to(device).train()
    optimiser = make_optimiser(network, plan.train)
    loader = DataLoader(
        Pictures(packed, plan),
        plan.train.batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=device.type == "cuda",
    )
    seconds = []
    for _ in range(EPOCHS):
        started = time.perf_counter()
        for images, labels in loader:
            loss = F.cross_entropy(network(images.to(device)), labels.to(device))
            loss.backward()
            optimiser.step()
            optimiser.zero_grad()
        loss.item()
        seconds.append(time.perf_counter() - started)
    return seconds


def our_seconds(plan: Plan, packed: Packed, precision: str) -> list[float]:
    """Seconds of each epoch of our loop, without validation."""
    nothing = packed._replace(images=packed.images[:0], labels=packed.labels[:0])
    changes = {"epochs": EPOCHS, "precision": precision}
    short = plan.model_copy(update={"train": plan.train.model_copy(update=changes)})
    return [epoch.train_seconds for epoch in train(short, 0, packed, nothing).epochs]


def alone(measure: Callable[..., list[float]], *given: object) -> list[float]:
    """Measure in a process of its own, so that no side's settings reach the other."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(measure, *given).result()


def measured(
    name: str, plan: Plan, packed: Packed, device: torch.device
) -> list[dict[str, object]]:
    """Two rows of the table: ours in the precision that `auto` takes, and in fp32."""
    batch = plan.train.batch_size
    images = len(packed.labels) // batch * batch

    def rate(*measure: Any) -> float:
        return images / statistics.median(alone(*measure)[1:])

    counts = {0, os.cpu_count() or 1}
    rival = max(rate(rival_seconds, plan, packed, device, workers) for workers in counts)
    automatic = machine(device, choose_precision("auto", device))["precision"]
    side = packed.images.shape[2]
    rows = []
    for precision in sorted({automatic, "fp32"}):
        ours = rate(our_seconds, plan, packed, precision)
        rows.append(
            {
                "name": f"training {name}, {side}x{side}, batch {batch}, ours in {precision}",
                "device": device.type,
                "ours": round(ours, 1),
                "rival": round(rival, 1),
                "ratio": round(ours / rival, 2),
                "unit": "images/s",
                "command": COMMAND,
            }
        )
    return rows


def table(rows: list[dict[str, object]], about: dict[str, object]) -> str:
    """The rows as Markdown, with the machine that they were measured on."""
    head = ["name", "device", "ours", "rival", "ratio", "unit"]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines += [f"| {' | '.join(str(row[key]) for key in head)} |" for row in rows]
    told = ", ".join(f"{key} {value}" for key, value in about.items())
    method = " ".join((__doc__ or "").split("\n\n", 1)[1].split())
    parts = ["# Benchmarks", f"By `{COMMAND}`. {method}", "\n".join(lines), f"Machine: {told}."]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    params = experiment.read()
    packed = unpack(Path("data/packed/train"))
    first = next(iter(params.plans.values())).train
    device = choose_device(first.device)
    use_threads(first.threads)
    rows = [
        row for name in params.plans for row in measured(name, params.plans[name], packed, device)
    ]
    about = machine(device, choose_precision(first.precision, device))
    write_json(Path("benchmarks/results.json"), rows)
    write_text(Path("benchmarks/RESULTS.md"), table(rows, about))
    print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
