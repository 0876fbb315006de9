"""Training on a GPU: seconds an epoch against an H100's bounds, and minutes to 94% on CIFAR-10.

Beside the ratio stands, for each network and each mode of `train.compile`, which part of an epoch's
time the card's own rates would need, both measured in the same run: multiplying matrices in bf16
(six operations for each multiply-add of an image), and copying (what convolutions and linear layers
must read and write at least, in bf16: inputs and outputs three times each). The images are noise of
the real size and number; the median epoch after a first one counts. `--cifar ARCHIVE` trains a
recipe on CIFAR-10 and tells when validation on the test split first reached 94%: nothing is chosen
by it. Needs neither DVC nor MLflow, and begins nothing new after 8 minutes. On a CPU it runs the
same at a small size, and records nothing.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from goal import to_the_goal
from measure import in_memory
from table import Row, record, row
from torch import nn
from training import CIFAR, DIGITS, SPECIES

from assay.device import machine, prepared, wait
from assay.fault import on_one_line
from assay.files import write_json
from assay.models import build
from assay.params.variants import Plan
from assay.training.run import train

COMMAND = "python benchmarks/gpu.py"
MODES = ("none", "default", "reduce-overhead")
TIME = 480.0  # seconds after which nothing is begun
EPOCHS = 3


class Case(NamedTuple):
    """A network, its images, the seconds of an epoch that an H100 needs at least, changes."""

    model: dict[str, Any]
    side: int
    channels: int
    batch: int
    images: int
    bound: float
    augment: dict[str, Any]

    @property
    def name(self) -> str:
        """What the row says."""
        depth = f" n={self.model['n']}" if "n" in self.model else ""
        return f"{self.model['arch']}{depth}, {self.images} of {self.side}x{self.side}"

    def small(self) -> "Case":
        """What a CPU does in seconds."""
        side = min(self.side, 64)
        return self._replace(side=side, batch=4, images=8)


CASES = [
    Case({"arch": "cifar_resnet", "n": 18}, 32, 3, 512, 50_000, 0.54, CIFAR),
    Case({"arch": "resnet18"}, 224, 1, 250, 7_000, 0.19, DIGITS),
    Case({"arch": "resnet50"}, 224, 3, 250, 12_500, 1.43, SPECIES),
    Case({"arch": "vgg16"}, 224, 1, 125, 7_000, 1.62, DIGITS),
    Case({"arch": "cifar_preact_resnet", "n": 18}, 32, 3, 500, 50_000, 1.70, CIFAR),
    Case({"arch": "cifar_resnet", "n": 2}, 256, 3, 250, 30_000, 2.57, {}),
]


class Rates(NamedTuple):
    """What the card does at most: operations and bytes a second."""

    operations: float
    bytes: float


def rates(device: torch.device, precision: torch.dtype) -> Rates:
    """Measured on large matrices and large copies."""
    side = 8192 if device.type == "cuda" else 1024
    one, other = (torch.randn(side, side, device=device, dtype=precision) for _ in range(2))
    target = torch.empty_like(one.repeat(4, 1))
    source = torch.randn_like(target)
    multiplying = _seconds(lambda: one @ other, device)
    copying = _seconds(lambda: target.copy_(source), device)
    return Rates(2 * side**3 / multiplying, 2 * source.nbytes / copying)


def _seconds(work: Any, device: torch.device, times: int = 20) -> float:
    work()
    wait(device)
    started = time.perf_counter()
    for _ in range(times):
        work()
    wait(device)
    return (time.perf_counter() - started) / times


def least_bytes(model: Any, shape: list[int]) -> int:
    """What training on one image must move: layers' inputs and outputs three times, in bf16."""
    with torch.device("meta"):
        network = build(model, shape, 10, torch.Generator()).eval()
    numbers = 0

    def watch(layer: nn.Module, given: tuple[torch.Tensor], output: torch.Tensor) -> None:
        nonlocal numbers
        numbers += given[0].numel() + output.numel()

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(watch)
    network(torch.zeros(1, *shape, device="meta"))
    return 3 * 2 * numbers


def plan_of(case: Case, mode: str) -> Plan:
    """Adam, augmented as in the studies."""
    words = {"epochs": EPOCHS, "batch_size": case.batch, "lr": 1e-4, "compile": mode}
    parts = {"model": case.model, "train": words, "augment": case.augment, "normalise": "dataset"}
    return Plan.model_validate(parts)


def measured(case: Case, mode: str, limits: Rates) -> dict[str, Any]:
    """Seconds of an epoch, the shares of it that the card's rates would need, and the rest."""
    plan = plan_of(case, mode)
    some = np.random.default_rng(0).integers(
        0, 256, (min(case.images, 512), case.side, case.side, case.channels), dtype=np.uint8
    )
    packed = in_memory(np.resize(some, (case.images, *some.shape[1:])), 10)
    cost = train(plan, 0, packed, packed.emptied()).cost
    seconds = statistics.median(cost["epoch_seconds"][1:])
    images = case.images // case.batch * case.batch
    moved = images * least_bytes(plan.model, packed.meta["shape"])
    return {
        "name": f"{case.name}, batch {case.batch}, compile {mode}",
        "seconds": seconds,
        "bound": case.bound,
        "arithmetic": images * 6 * cost["multiply_adds"] / limits.operations / seconds,
        "memory": moved / limits.bytes / seconds,
        "warm_up_seconds": cost["warm_up_seconds"],
        "peak_memory_bytes": cost["peak_memory_bytes"],
        "machine": cost["machine"],
    }


def in_time(
    cases: list[Case], modes: list[str], limits: Rates, until: float
) -> Iterator[dict[str, Any]]:
    """Each case in each mode that begins before `until`; what is left out is told."""
    for mode, case in itertools.product(modes, cases):
        if time.perf_counter() > until:
            print(f"left out for want of time: {case.name}, compile {mode}", flush=True)
            continue
        try:
            one = measured(case, mode, limits)
        except Exception as error:  # what is measured stays
            print(f"left out: {case.name}, compile {mode}: {on_one_line(error)}", flush=True)
            continue
        finally:
            torch.compiler.reset()
        print(
            f"{one['name']}: {one['seconds']:.3f} s an epoch, arithmetic "
            f"{one['arithmetic']:.0%}, memory {one['memory']:.0%}, "
            f"{one['warm_up_seconds']:.0f} s before to warm up",
            flush=True,
        )
        yield one


def rows(found: list[dict[str, Any]], about: dict[str, Any]) -> list[Row]:
    """What goes into the table of benchmarks."""
    return [
        row(
            f"GPU: {one['name']}, against an H100's bound",
            one["seconds"],
            one["bound"],
            command=COMMAND,
            about=about,
            unit="s an epoch, less is better",
        )
        for one in found
    ]


def arguments() -> argparse.Namespace:
    words = argparse.ArgumentParser(description="training on a GPU")
    words.add_argument("--cifar", type=Path, help="cifar-10-python.tar.gz")
    words.add_argument("--only", default="", help="only networks whose names have this")
    words.add_argument("--modes", nargs="+", choices=MODES, default=MODES, help="of train.compile")
    words.add_argument("--out", type=Path, help="a folder for gpu.json")
    given = words.parse_args()
    if given.cifar and not given.cifar.is_file():
        words.error(f"--cifar {given.cifar}: there is no such file")
    return given


def main() -> None:
    given = arguments()
    until = time.perf_counter() + TIME
    device, precision = prepared(plan_of(CASES[0], "none").train)
    real = device.type == "cuda"
    cases = [case if real else case.small() for case in CASES if given.only in case.name]
    limits = rates(device, precision)
    print(f"{limits.operations / 1e12:.2f} TFLOP/s, {limits.bytes / 1e9:.0f} GB/s", flush=True)
    found: dict[str, Any] = {"rates": limits._asdict(), "rows": []}
    if given.cifar:
        try:
            found["goal"] = to_the_goal(given.cifar, "none", None if real else 3000)
        except Exception as error:
            print(f"left out: CIFAR-10: {on_one_line(error)}", flush=True)

    def keep() -> None:
        if given.out:
            write_json(given.out / "gpu.json", found)

    keep()
    for one in in_time(cases, given.modes, limits, until):
        found["rows"].append(one)
        keep()
    if real and found["rows"]:
        some = bool(given.only) or list(given.modes) != list(MODES)
        record(rows(found["rows"], machine(device, precision)), some=some)


if __name__ == "__main__":
    main()
