"""Whether the fast loop learns the same: bf16 against fp32, and either against the plain loop.

`cifar_resnet` of n = 1 on the default study's digits, 15 epochs of its recipe at a constant rate,
five seeds. The plain loop is that of `training.py`, in fp32. Validation accuracy in percent and the
mean training loss of the last epoch, means over the seeds; in the name of each row the mean
difference, seed by seed, with its 95% interval (Student's t).
"""

import functools
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from measure import alone
from rival import plain_loop
from scipy.stats import t
from table import Row, record, row

from assay.data.batches import Batches
from assay.data.normalise import Normaliser
from assay.data.packed import Packed, unpack
from assay.device import choose_precision, machine, use_threads
from assay.evaluation.predict import losses_and_hits
from assay.params import experiment
from assay.params.variants import Plan
from assay.training.run import train

COMMAND = "python benchmarks/learning.py"
PACKED = Path("data/packed")
SEEDS = range(5)


class Learnt(NamedTuple):
    """Percent of the validation images that are right at the end, and the last training loss."""

    accuracy: float
    loss: float


def ours(plan: Plan, precision: str, seed: int) -> Learnt:
    """What our loop makes of it."""
    to = plan.train.model_copy(update={"precision": precision})
    done = train(plan.model_copy(update={"train": to}), seed, *_data())
    last = done.epochs[-1]
    return Learnt(100 * (last.val_accuracy or 0), last.train_loss)


def plain(plan: Plan, seed: int) -> Learnt:
    """What the plain loop makes of it."""
    use_threads(plan.train.threads)
    packed, val = _data()
    network, epochs = plain_loop(plan, seed, packed, workers=0)
    device = torch.device("cpu")
    _, hits = losses_and_hits(
        network,
        Batches([val], device),
        batch_size=250,
        precision=torch.float32,
        plain=Normaliser(plan.normalise, packed.meta, device, torch.contiguous_format),
    )
    return Learnt(100 * hits.double().mean().item(), epochs[-1][1])


def _data() -> tuple[Packed, Packed]:
    return unpack(PACKED / "train"), unpack(PACKED / "val")


def compared(
    name: str, one: list[Learnt], other: list[Learnt], make: Callable[..., Row]
) -> list[Row]:
    """A row for the accuracy and one for the loss."""
    rows = []
    for field, unit in [("accuracy", "% right"), ("loss", "nats")]:
        pairs = [(getattr(a, field), getattr(b, field)) for a, b in zip(one, other, strict=True)]
        apart = [a - b for a, b in pairs]
        spread = statistics.stdev(apart) / len(apart) ** 0.5
        reach = float(t.ppf(0.975, len(apart) - 1)) * spread
        words = f"learning: {name}, {field}, difference {statistics.mean(apart):+.3f} ± {reach:.3f}"
        means = [statistics.mean(side) for side in zip(*pairs, strict=True)]
        rows.append(make(words, *means, unit=unit))
    return rows


def main() -> None:
    first = next(iter(experiment.read().plans.values()))
    changes = {"arch": "cifar_resnet", "n": 1}, {"epochs": 15, "schedule": "constant"}
    model, to = (
        part.model_copy(update=change)
        for part, change in zip((first.model, first.train), changes, strict=True)
    )
    plan = first.model_copy(update={"model": model, "train": to})
    device = torch.device("cpu")
    use_threads(None)
    if choose_precision("auto", device) != torch.bfloat16:
        raise SystemExit("error: this CPU has no bf16; take one that has")
    about = machine(device, torch.bfloat16)
    fast, exact = ([alone(ours, plan, kind, seed) for seed in SEEDS] for kind in ("bf16", "fp32"))
    slow = [alone(plain, plan, seed) for seed in SEEDS]
    make = functools.partial(row, command=COMMAND, about=about)
    record(
        [
            *compared("bf16 against fp32", fast, exact, make),
            *compared("bf16 against the plain loop", fast, slow, make),
            *compared("fp32 against the plain loop", exact, slow, make),
        ]
    )


if __name__ == "__main__":
    main()
