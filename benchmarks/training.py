"""Training, images a second: our loop against the plain one that a good student writes.

The rival: a Dataset of Pillow images, torchvision's transforms in a DataLoader with a worker a
core, the same network with torch's batch norm, fp32, row-major, eager, the same fused AdamW. Both
train the same epochs on the same images; the first epoch of each, a warm-up, is left out, and each
side runs in a process of its own.
"""

import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

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
from assay.params.variants import Plan
from assay.training.optimiser import make_optimiser
from assay.training.run import train

EPOCHS = 4
COMMAND = "make bench"


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """Pillow images and labels, transformed one by one."""

    def __init__(self, packed: Packed, plan: Plan) -> None:
        augment, meta = plan.augment, packed.meta
        self._images = [Image.fromarray(image[0]) for image in packed.images]
        self._labels = packed.labels.tolist()
        self._transform = v2.Compose(
            [
                v2.RandomCrop(packed.images.shape[2:], padding=augment.pad_crop),
                v2.RandomAffine(
                    augment.rotate,
                    scale=augment.affine.scale,
                    interpolation=v2.InterpolationMode.BILINEAR,
                ),
                v2.ToImage(),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize(meta["mean"], meta["deviation"]),
            ]
        )

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        return self._transform(self._images[row]), self._labels[row]


def rival_seconds(plan: Plan, packed: Packed, device: torch.device) -> list[float]:
    """Seconds of each epoch of the plain loop."""
    model = plan.model.model_copy(update={"norm": "bn_torch"})
    classes = len(packed.meta["classes"])
    network = build(model, packed.meta["shape"], classes, torch.Generator()).to(device).train()
    optimiser = make_optimiser(network, plan.train)
    loader = DataLoader(
        Pictures(packed, plan),
        plan.train.batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=os.cpu_count() or 1,
        persistent_workers=True,
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


def our_seconds(plan: Plan, packed: Packed) -> list[float]:
    """Seconds of each epoch of our loop, without validation."""
    nothing = packed._replace(images=packed.images[:0], labels=packed.labels[:0])
    short = plan.model_copy(update={"train": plan.train.model_copy(update={"epochs": EPOCHS})})
    return [epoch.train_seconds for epoch in train(short, 0, packed, nothing).epochs]


def alone(measure: Callable[..., list[float]], *given: object) -> list[float]:
    """Measure in a process of its own, so that no side's settings reach the other."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(measure, *given).result()


def measured(name: str, plan: Plan, packed: Packed, device: torch.device) -> dict[str, object]:
    """One row of the table."""
    batch = plan.train.batch_size
    images = len(packed.labels) // batch * batch
    rival = images / statistics.median(alone(rival_seconds, plan, packed, device)[1:])
    ours = images / statistics.median(alone(our_seconds, plan, packed)[1:])
    side = packed.images.shape[2]
    return {
        "name": f"training {name}, {side}x{side}, batch {batch}",
        "device": device.type,
        "ours": round(ours, 1),
        "rival": round(rival, 1),
        "ratio": round(ours / rival, 2),
        "unit": "images/s",
        "command": COMMAND,
    }


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
    rows = [measured(name, plan, packed, device) for name, plan in params.plans.items()]
    about = machine(device, choose_precision(first.precision, device))
    write_json(Path("benchmarks/results.json"), rows)
    write_text(Path("benchmarks/RESULTS.md"), table(rows, about))
    print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
