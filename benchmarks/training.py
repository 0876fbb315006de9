"""Training, images a second: our loop against the plain one that a good student writes.

The rival: a Dataset of Pillow images, torchvision's transforms in a DataLoader (with no worker or
one a core, whichever is faster), the same network (torch's batch norm for ours), fp32, row-major,
eager, the same fused optimiser. Both train the same epochs on the same images; the first epoch of
each, a warm-up, is left out, and each side runs in a process of its own.
"""

import os
import statistics
import time
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from measure import alone
from PIL import Image
from rival import Pictures, loader, mixing, transforms
from table import Row, record, row

from assay.data.packed import Packed, unpack
from assay.device import choose_device, choose_precision, machine, use_threads
from assay.models import build
from assay.params import experiment
from assay.params.variants import Plan
from assay.training.optimiser import make_optimiser
from assay.training.run import train

EPOCHS = 4
COMMAND = "python benchmarks/training.py"


def rival_seconds(plan: Plan, packed: Packed, device: torch.device, workers: int) -> list[float]:
    """Seconds of each epoch of the plain loop."""
    use_threads(plan.train.threads)
    norm = {"bn": "bn_torch"}.get(plan.model.norm, plan.model.norm)
    model = plan.model.model_copy(update={"norm": norm})
    classes = len(packed.meta["classes"])
    network = build(model, packed.meta["shape"], classes, torch.Generator()).to(device).train()
    optimiser = make_optimiser(network, plan.train)
    meta = packed.meta
    moments = (meta["mean"], meta["deviation"]) if plan.normalise == "dataset" else None
    pictures = Pictures(
        [Image.fromarray(image.squeeze()) for image in packed.images],
        packed.labels.tolist(),
        transforms(plan.augment, tuple(meta["shape"][1:]), moments),
    )
    batches = loader(
        pictures,
        plan.train.batch_size,
        workers=workers,
        collate=mixing(plan.augment, classes),
        device=device,
    )
    seconds = []
    for _ in range(EPOCHS):
        started = time.perf_counter()
        for images, labels in batches:
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


def measured(name: str, plan: Plan, packed: Packed, device: torch.device) -> list[Row]:
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
            row(
                f"training {name}, {side}x{side}, batch {batch}, ours in {precision}",
                ours,
                rival,
                command=COMMAND,
                about=machine(device, choose_precision(precision, device)),
                unit="images/s",
            )
        )
    return rows


def main() -> None:
    params = experiment.read()
    packed = unpack(Path("data/packed/train"))
    first = next(iter(params.plans.values())).train
    device = choose_device(first.device)
    use_threads(first.threads)
    found = [measured(name, plan, packed, device) for name, plan in params.plans.items()]
    record([one for rows in found for one in rows])


if __name__ == "__main__":
    main()
