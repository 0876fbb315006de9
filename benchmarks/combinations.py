"""Every architecture with every norm and initialisation: one step of training, one evaluation.

Each goes through the reader of params.yaml and the training of a run, as `dvc repro` would take it:
32x32 pixels in colour, two classes, one batch of four images, Adam at 0.001, n = 1, and everything
else at its default; a ResNet that is refused with its stem `imagenet` is tried with `small` too. A
cell is the loss in training before the step -> the loss of the same images after it, in evaluation,
in fp32, or a note. After one step the running statistics of a batch norm are still nine tenths
their start: so the second number is often large, and tells only that it is finite. All is done in
bf16 too where the CPU has it; a note says where that does not end well.
"""

import functools
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
import pandas as pd
import torch

from assay.data.packed import Packed
from assay.data.parallel import over_cores
from assay.device import choose_precision
from assay.fault import Fault
from assay.files import write_text
from assay.params import experiment
from assay.params.model import Architecture, Initialisation, Norm
from assay.params.variants import Plan
from assay.training.run import train

PAGE = Path("benchmarks/COMBINATIONS.md")
IMAGES, CLASSES, SIDE = 4, 2, 32
PARAMS: dict[str, Any] = {
    "data": {"format": "image_folder", "path": "images"},
    "split": {"method": "predefined"},
    "preprocess": {"size": SIDE},
    "augment": {},
    "train": {"epochs": 1, "batch_size": IMAGES, "lr": 1e-3, "device": "cpu", "threads": 1},
    "evaluate": {},
    "report": {"title": "Combinations"},
    "variants": {"net": {}},
    "seeds": [0],
}
ABOUT = """# Combinations

{method} By `python benchmarks/combinations.py`: {trained} trained and evaluated, {refused} refused
by params.yaml's reader, {stopped} stopped by a loss that is not finite; {told}.
"""


class Outcome(NamedTuple):
    """What became of one combination: its loss before and after the step, or words."""

    parameters: int | None = None
    before: float = math.nan
    after: float = math.nan
    refused: str | None = None
    stopped: str | None = None


Cells = dict[str, dict[str, Outcome]]
Found = dict[tuple[str, str, str], Cells]


def rows() -> Iterator[dict[str, Any]]:
    """The section `model` of each row, without its initialisation."""
    for arch in get_args(Architecture):
        depth = {"n": 1} if arch.startswith("cifar_") else {}
        for norm in get_args(Norm):
            model = {"arch": arch, "norm": norm, **depth}
            yield model
            if arch.startswith("resnet") and refusal(model):
                yield {**model, "stem": "small"}


def tried(model: dict[str, Any], precision: str) -> Outcome:
    """One step and one evaluation of what the section `model` describes."""
    words = refusal(model)
    return Outcome(refused=words) if words else _trained(_plan(model, precision))


def refusal(model: dict[str, Any]) -> str | None:
    """The words with which the reader of params.yaml refuses this section, if it does."""
    try:
        _plan(model, "fp32")
    except Fault as fault:
        return str(fault)
    return None


def _plan(model: dict[str, Any], precision: str) -> Plan:
    train = {**PARAMS["train"], "precision": precision}
    given = {**PARAMS, "model": model, "train": train}
    return experiment.understand(given, "params.yaml").plans["net"]


def _trained(plan: Plan) -> Outcome:
    packed = images()
    try:
        done = train(plan, 0, packed, packed)
    except Fault as fault:
        return Outcome(stopped=str(fault))
    for name, values in done.network.state_dict().items():
        if not values.isfinite().all():
            return Outcome(stopped=f"{name} is not finite after one step")
    epoch = done.epochs[0]
    after = math.nan if epoch.val_loss is None else epoch.val_loss
    return Outcome(done.cost["parameters"], epoch.train_loss, after)


def images() -> Packed:
    """Random pixels, of which each class has half."""
    pixels = np.random.default_rng(0).integers(0, 256, (IMAGES, SIDE, SIDE, 3), np.uint8)
    meta = {
        "classes": [f"{number}" for number in range(CLASSES)],
        "shape": [3, SIDE, SIDE],
        "mean": [0.5] * 3,
        "deviation": [0.29] * 3,
    }
    return Packed(pixels, np.arange(IMAGES) % CLASSES, pd.DataFrame(), meta)


class Notes:
    """Notes under a table, numbered as they come; the same words have the same number."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {}

    def mark(self, text: str) -> str:
        """The number that stands for these words."""
        return f"[{self.texts.setdefault(text, len(self.texts) + 1)}]"


def cell(found: dict[str, Outcome], notes: Notes) -> str:
    """What the table says of one combination, by precision."""
    fp32, bf16 = found["fp32"], found.get("bf16")
    if fp32.refused:
        return f"refused {notes.mark(fp32.refused)}"
    if fp32.stopped:
        return f"stopped {notes.mark(fp32.stopped)}"
    shown = f"{fp32.before:.3g} → {fp32.after:.3g}"
    return f"{shown} {notes.mark(f'in bf16: {bf16.stopped}')}" if bf16 and bf16.stopped else shown


def table(found: Found, notes: Notes) -> list[str]:
    """A line for each architecture, stem and norm; a column for each initialisation."""
    head = ["arch", "stem", "norm", "parameters", *get_args(Initialisation)]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for names, cells in found.items():
        counts = {each["fp32"].parameters for each in cells.values()} - {None}
        told = [cell(cells[init], notes) for init in get_args(Initialisation)]
        lines.append(f"| {' | '.join([*names, _millions(counts), *told])} |")
    return lines


def _millions(counts: set[int | None]) -> str:
    return " ".join(f"{count / 1e6:.2f} M" for count in counts if count)


def main() -> None:
    started = time.perf_counter()
    found: Found = {}
    for model, cells in over_cores(functools.partial(row, precisions()), rows()):
        found[model["arch"], model.get("stem", ""), model["norm"]] = cells
        print(f"{time.perf_counter() - started:.0f} s", *model.values(), flush=True)
    write_text(PAGE, page(found))


def precisions() -> list[str]:
    """Those that the CPU computes with."""
    automatic = choose_precision("auto", torch.device("cpu"))
    return ["fp32", "bf16"] if automatic == torch.bfloat16 else ["fp32"]


def row(precisions: list[str], model: dict[str, Any]) -> Cells:
    """Every initialisation of one row, by its name and the precision."""
    return {
        init: {each: tried({**model, "init": init}, each) for each in precisions}
        for init in get_args(Initialisation)
    }


def page(found: Found) -> str:
    """The table as Markdown, with its counts and notes."""
    notes = Notes()
    outcomes = [each["fp32"] for cells in found.values() for each in cells.values()]
    refused = sum(outcome.refused is not None for outcome in outcomes)
    stopped = sum(outcome.stopped is not None for outcome in outcomes)
    about = ABOUT.format(
        method=" ".join((__doc__ or "").split("\n\n", 1)[1].split()),
        trained=len(outcomes) - refused - stopped,
        refused=refused,
        stopped=stopped,
        told=f"torch {torch.__version__}, CPU, {' and '.join(precisions())}",
    )
    lines = table(found, notes)
    told = [f"{number}. {text}" for text, number in notes.texts.items()]
    return "\n".join([about, *lines, "", *told]) + "\n"


if __name__ == "__main__":
    main()
