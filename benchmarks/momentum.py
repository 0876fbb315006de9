"""Batch norm's momentum: one training, evaluated under running statistics of three momenta.

Running statistics do not touch training. So with `norm_momentum: 1`, where they are those of the
last batch alone, one training gives every curve exactly: after each step a copy for each momentum
moves towards the network's own, and is loaded for evaluation. `--cifar10` names the archive as
downloaded; it goes through the pipeline's own stages. Writes docs/momentum.csv, .svg, and the table
in docs/momentum.md.
"""

import argparse
import itertools
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from matplotlib import rc_context
from matplotlib.figure import Figure
from torch import nn

from assay.data.batches import Batches
from assay.data.packed import Packed, unpack
from assay.device import prepared
from assay.evaluation.predict import losses_and_hits
from assay.files import replacing, write_text
from assay.params import experiment
from assay.params.variants import Plan
from assay.training.run import assembled

CSV, PICTURE, PAGE = (Path("docs/momentum").with_suffix(end) for end in (".csv", ".svg", ".md"))
MOMENTA = (0.997, 0.1, 0.003)
FINE, PARTS = 4, 4  # the first epochs are evaluated so many times each, later ones at their end
SHOWN = (0.25, 0.5, *range(1, 11))  # epochs in the page's table
TABLE = re.compile(r"(?<=<!-- measured -->\n)(?:\|.*\n)*")
PARAMS: dict[str, Any] = {
    "data": {"format": "cifar10"},
    "split": {"method": "predefined", "val": 0.2, "limit": 15_000},
    "preprocess": {"size": 32, "normalise": "per_image"},
    "augment": {"pad_crop": 4, "hflip": 0.5},
    "model": {"arch": "cifar_resnet", "n": 3, "norm": "bn", "norm_momentum": 1.0},
    "train": {
        "epochs": 10,
        "batch_size": 32,
        "optimiser": "adam",
        "lr": 1e-3,
        "threads": 1,
        "precision": "fp32",
    },
    "evaluate": {},
    "report": {"title": "Momentum"},
    "variants": {"net": {}},
    "seeds": [0],
}


class Kept:
    """Running statistics beside a network's own, one copy for each momentum."""

    def __init__(self, network: nn.Module, momenta: Iterable[float]) -> None:
        """`network` has `norm_momentum: 1` and has not been trained."""
        self._own = [
            values for name, values in network.named_buffers() if ".running_" in f".{name}"
        ]
        self._copies = {momentum: [own.clone() for own in self._own] for momentum in momenta}

    def follow(self) -> None:
        """After a step: each copy moves towards the last batch, r + momentum (batch - r)."""
        for momentum, copies in self._copies.items():
            for copy, batch in zip(copies, self._own, strict=True):
                copy.lerp_(batch, momentum)

    def load(self, momentum: float) -> None:
        """Give the network one copy, which its next step in training forgets."""
        for copy, own in zip(self._copies[momentum], self._own, strict=True):
            own.copy_(copy)


def curves(
    plan: Plan, seed: int, packed: Packed, val: Packed, momenta: Iterable[float]
) -> pd.DataFrame:
    """Validation accuracy by step (its `epoch` a fraction) and momentum, of one training."""
    device, precision = prepared(plan.train)
    _, splits, network, training = assembled(plan, seed, packed, val.emptied())
    watched = Batches([val], device)
    kept = Kept(network, momenta)
    rows: list[dict[str, float]] = []
    steps = itertools.count(1)

    def accuracy(momentum: float) -> float:
        kept.load(momentum)
        _, hits = losses_and_hits(
            network,
            watched,
            batch_size=2 * plan.train.batch_size,
            precision=precision,
            plain=splits.plain,
        )
        return float(hits.double().mean())

    def after_step(_: int) -> None:
        kept.follow()
        step = next(steps)
        if due(step, splits.epoch_steps):
            found = {str(momentum): accuracy(momentum) for momentum in momenta}
            rows.append({"epoch": step / splits.epoch_steps, "step": step} | found)
            network.train()

    for epoch in training.run(after_step):
        print(f"epoch {epoch.epoch}: {epoch.train_seconds:.0f} s; {rows[-1]}", flush=True)
    return pd.DataFrame(rows).astype({"step": int})


def due(step: int, per_epoch: int) -> bool:
    """Whether a part of an epoch ends with this step."""
    parts = PARTS if step <= FINE * per_epoch else 1
    return step * parts // per_epoch > (step - 1) * parts // per_epoch


def packed_by_stages(params: dict[str, Any], archive: Path, folder: Path) -> Plan:
    """Run the pipeline up to packing in `folder`; the plan of what is to be trained."""
    file = folder / experiment.FILE
    data = {**params["data"], "path": str(archive.resolve())}
    file.write_text(yaml.safe_dump(params | {"data": data}), encoding="utf-8")
    known = os.environ | {"PYTHONPATH": str(Path("src").resolve())}
    for stage in ("plan", "ingest", "split", "preprocess"):
        script = Path(f"stages/{stage}.py").resolve()
        subprocess.run([sys.executable, script], cwd=folder, env=known, check=True)
    return experiment.read(file).plans["net"]


def table(rows: pd.DataFrame) -> str:
    """The page's table: accuracy at some epochs."""
    names = list(rows.columns[2:])
    lines = [f"| epoch | step | {' | '.join(names)} |", f"|{' ---: |' * (len(names) + 2)}"]
    for row in rows[rows["epoch"].isin(SHOWN)].to_dict("records"):
        cells = [f"{row['epoch']:g}", f"{row['step']}", *(f"{row[name]:.4f}" for name in names)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def page(text: str, rows: pd.DataFrame) -> str:
    """The page with the table of these rows in the place of its old one."""
    return TABLE.sub(lambda old: table(rows), text, count=1)


def draw(rows: pd.DataFrame, file: Path) -> None:
    """The curves as SVG, the same bytes for the same rows."""
    with rc_context({"svg.hashsalt": "assay", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure((7, 3.6), layout="constrained")
        axes = figure.add_subplot()
        for name, style in zip(rows.columns[2:], (":", "-", "--"), strict=True):
            axes.plot(rows["epoch"], rows[name], style, marker=".", markersize=4, label=name)
        axes.set(xlabel="epoch", ylabel="validation accuracy", xlim=(0, None), ylim=(0, 1))
        axes.grid(alpha=0.3)
        axes.legend(title="momentum, as torch writes it", frameon=False)
        with replacing(file) as beside:
            figure.savefig(beside, format="svg", metadata={"Date": None})


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("--cifar10", type=Path, required=True, help="cifar-10-python.tar.gz")
    archive = words.parse_args().cifar10
    with tempfile.TemporaryDirectory() as name:
        plan = packed_by_stages(PARAMS, archive, Path(name))
        packed, val = (unpack(Path(name, "data/packed", split)) for split in ("train", "val"))
        rows = curves(plan, 0, packed, val, MOMENTA)
    with replacing(CSV) as beside:
        rows.to_csv(beside, index=False, float_format="%.4f", lineterminator="\n")
    rows = pd.read_csv(CSV)
    draw(rows, PICTURE)
    write_text(PAGE, page(PAGE.read_text(encoding="utf-8"), rows))


if __name__ == "__main__":
    main()
