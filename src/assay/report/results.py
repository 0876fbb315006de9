"""What the runs left in files, read into one value: the grid's runs and no others."""

import math
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from assay.fault import Fault, listed
from assay.files import read_json
from assay.params.split import PARTS

ANSWER = ("split", "image", "name", "label", "prediction", "confidence", "loss", "rank")
EPOCH = ("epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy")
COSTS = (
    *("parameters", "multiply_adds", "images_per_second", "epoch_seconds", "warm_up_seconds"),
    *("peak_memory_bytes", "peak_memory_of", "machine"),
)
AUDIT = ("classes", "per_class", "splits", "images", "sizes", "limit", "source", "missing")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Run:
    """One variant trained with one seed: its scores by split, as git keeps them.

    What DVC keeps is read when it is asked for, and a Fault names what is missing or broken.
    """

    variant: str
    seed: int
    weights: str
    epoch: int
    splits: dict[str, Any]
    root: Path

    @property
    def name(self) -> str:
        """As its files are called."""
        return f"{self.variant}-{self.seed}"

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Its answers by image."""
        path = self.root / f"outcomes/{self.name}.parquet"
        found = _made(path, pd.read_parquet, ANSWER, f"evaluate@{self.name}")
        for split, judged in self.splits.items():
            if not _is_judged(found[found["split"] == split], judged):
                raise Fault(
                    f"{path}: not the answers that metrics/runs/{self.name}.json judges; make both "
                    f"again with `dvc repro --force evaluate@{self.name}`"
                )
        return found

    @cached_property
    def curve(self) -> pd.DataFrame:
        """A row an epoch."""
        path = self.root / f"curves/{self.name}.csv"
        found = _made(path, pd.read_csv, EPOCH, f"train@{self.name}")
        timed = len(self.training["epoch_seconds"])
        if len(found) != timed:
            raise Fault(
                f"costs/train/{self.name}.json: {timed} epochs are timed and {path.name} has "
                f"{len(found)}; train again with `dvc repro --force train@{self.name}`"
            )
        return found

    @cached_property
    def depths(self) -> pd.DataFrame:
        """A row a layer: its scales before the first step."""
        path = self.root / f"depths/{self.name}.csv"
        found = _read(path, pd.read_csv)
        scales = ("activation", "gradient") if len(found) else ("a row",)
        _must_have(found.columns, scales, path, f"train@{self.name}")
        return found

    @cached_property
    def checkpoints(self) -> pd.DataFrame:
        """A row a kept epoch: its scores on validation."""
        path, wanted = self.root / f"checkpoints/{self.name}.csv", ("epoch", "val_accuracy")
        return _made(path, pd.read_csv, wanted, f"evaluate@{self.name}")

    @cached_property
    def training(self) -> dict[str, Any]:
        """What its training cost, and on which machine."""
        path = self.root / f"costs/train/{self.name}.json"
        return _made(path, read_json, COSTS, f"train@{self.name}")

    @cached_property
    def inference(self) -> dict[str, Any]:
        """How fast it answers."""
        path = self.root / f"costs/evaluate/{self.name}.json"
        return _made(path, read_json, ("images_per_second",), f"evaluate@{self.name}")

    @cached_property
    def pictures(self) -> dict[str, Any]:
        """Images worth looking at, as `evaluation.pictures` made them."""
        path = self.root / f"pictures/{self.name}.json"
        parts = ("split", "explained", "worst", "confused")
        return _made(path, read_json, parts, f"evaluate@{self.name}")

    def score(self, split: str, name: str) -> float:
        """One score on one split."""
        return float(self.splits[split]["scores"][name])

    def answers(self, split: str) -> pd.DataFrame:
        """The outcomes of a split."""
        return self.outcomes[self.outcomes["split"] == split]


@dataclass(frozen=True, eq=False)
class Results:
    """The audit of the data, and every run of the grid in the order of params.yaml."""

    data: dict[str, Any]
    runs: tuple[Run, ...]
    root: Path

    @cached_property
    def examples(self) -> list[dict[str, Any]]:
        """Groups of doubles as pictures."""
        return known(self.root / "data/examples.json")

    @cached_property
    def by_variant(self) -> dict[str, list[Run]]:
        """The runs of each variant."""
        names = dict.fromkeys(run.variant for run in self.runs)
        return {name: [run for run in self.runs if run.variant == name] for name in names}

    @cached_property
    def splits(self) -> list[str]:
        """The splits that any run was judged on."""
        return [split for split in PARTS if any(split in run.splits for run in self.runs)]

    def judged_on(self, split: str) -> dict[str, list[Run]]:
        """The variants with a score of a split: who has learnt from validation has none of it."""
        return {name: runs for name, runs in self.by_variant.items() if split in runs[0].splits}

    @property
    def seeds(self) -> int:
        """How many seeds each variant has."""
        return len(self.runs) // len(self.by_variant)


def committed(runs: Iterable[tuple[str, int]], root: Path = Path()) -> Results:
    """What git keeps of the runs; a Fault names a file that is missing or broken."""
    return Results(
        data=_made(root / "metrics/data.json", read_json, AUDIT, "split"),
        runs=tuple(_run(variant, seed, root) for variant, seed in runs),
        root=root,
    )


def read(runs: Iterable[tuple[str, int]], root: Path = Path()) -> Results:
    """All that the runs left; a Fault names a file that is missing, broken, or of other images."""
    results = committed(runs, root)
    _ = results.examples
    for run in results.runs:
        _ = run.outcomes, run.curve, run.depths, run.checkpoints, run.training, run.inference
    fullest = max(results.runs, key=lambda run: len(run.splits))  # some have no validation
    for run in results.runs:
        _same_images(fullest, run)
    return results


def _run(variant: str, seed: int, root: Path) -> Run:
    path = root / f"metrics/runs/{variant}-{seed}.json"
    wanted = ("weights", "epoch", "splits")
    judged: dict[str, Any] = _made(path, read_json, wanted, f"evaluate@{variant}-{seed}")
    return Run(variant, seed, judged["weights"], judged["epoch"], judged["splits"], root)


def known(path: Path) -> Any:
    """What a JSON file of a study says; a Fault where it is missing or broken."""
    return _read(path, read_json)


def _read(path: Path, reader: Callable[[Path], T]) -> T:
    try:
        return reader(path)
    except FileNotFoundError:
        raise Fault(f"{path}: missing; make it with `dvc repro`") from None
    except (ValueError, OSError) as error:  # what json, pandas and Arrow raise
        raise Fault(f"{path}: cannot be read ({error}); remove it and `dvc repro`") from None


def _made(path: Path, reader: Callable[[Path], T], wanted: Iterable[str], stage: str) -> T:
    """What a stage made, with the keys or columns that are wanted of it."""
    found: Any = _read(path, reader)
    _must_have(found, wanted, path, stage)  # of a table its columns
    return found


def _must_have(there: Container[str], wanted: Iterable[str], path: Path, stage: str) -> None:
    missing = [name for name in wanted if name not in there]
    if missing:
        told = listed(missing)
        raise Fault(f"{path}: {told} missing; make it again with `dvc repro --force {stage}`")


def _is_judged(answers: pd.DataFrame, judged: dict[str, Any]) -> bool:
    """Whether a split's answers are those that were judged: as many, as often right, finite."""
    right = (answers["label"] == answers["prediction"]).mean()
    return (
        len(answers) == judged["images"]
        and math.isclose(right, judged["scores"]["accuracy"], abs_tol=1e-6)
        and bool(np.isfinite(answers["loss"]).all())
    )


def _same_images(first: Run, other: Run) -> None:
    keys = ["split", "image", "label"]
    one, two = (run.outcomes[keys] for run in (first, other))
    common = set(one["split"]) & set(two["split"])
    one, two = (rows[rows["split"].isin(common)].reset_index(drop=True) for rows in (one, two))
    if not one.equals(two):
        names = [f"outcomes/{run.variant}-{run.seed}.parquet" for run in (first, other)]
        raise Fault(
            f"{names[1]}: not the images of {names[0]}, so they cannot be compared; `dvc repro`"
        )
