"""bf16 against fp32: validation accuracy in percent after the same training, seed by seed.

`cifar_resnet` of n = 1 on the default study's digits, 15 epochs of its recipe. Beside the seeds the
mean, and in the name of its row the 95% interval (Student's t) of the paired difference.
"""

import statistics
from pathlib import Path

import torch
from measure import alone
from scipy.stats import t
from table import record, row

from assay.data.packed import unpack
from assay.device import choose_precision, machine, use_threads
from assay.params import experiment
from assay.params.variants import Plan
from assay.training.run import train

COMMAND = "python benchmarks/precision.py"
PACKED = Path("data/packed")
SEEDS = range(5)


def accuracy(plan: Plan, precision: str, seed: int) -> float:
    """Percent of the validation images that are right at the end."""
    changes = {"epochs": 15, "precision": precision}
    model = plan.model.model_copy(update={"arch": "cifar_resnet", "n": 1})
    to = plan.train.model_copy(update=changes)
    short = plan.model_copy(update={"model": model, "train": to})
    done = train(short, seed, unpack(PACKED / "train"), unpack(PACKED / "val"))
    return 100 * (done.epochs[-1].val_accuracy or 0)


def main() -> None:
    plan = next(iter(experiment.read().plans.values()))
    device = torch.device("cpu")
    use_threads(None)
    if choose_precision("auto", device) != torch.bfloat16:
        raise SystemExit("error: this CPU has no bf16; take one that has")
    about = machine(device, torch.bfloat16)
    pairs = [
        tuple(alone(accuracy, plan, precision, seed) for precision in ("bf16", "fp32"))
        for seed in SEEDS
    ]
    differences = [ours - rival for ours, rival in pairs]
    spread = statistics.stdev(differences) / len(pairs) ** 0.5
    reach = float(t.ppf(0.975, len(pairs) - 1)) * spread
    middle = statistics.mean(differences)
    means = [statistics.mean(side) for side in zip(*pairs, strict=True)]
    words = f"precision: mean, difference {middle:+.2f} ± {reach:.2f} points"
    named = [(f"precision: seed {seed}", *pair) for seed, pair in zip(SEEDS, pairs, strict=True)]
    record(
        [
            row(name, ours, rival, command=COMMAND, about=about, unit="% right")
            for name, ours, rival in [*named, (words, *means)]
        ]
    )


if __name__ == "__main__":
    main()
