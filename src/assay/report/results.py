"""What the runs left in files, read into one value: the grid's runs and no others."""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from assay.fault import Fault, listed
from assay.files import read_json
from assay.params.split import PARTS

ANSWER = ("split", "image", "name", "label", "prediction", "confidence", "loss", "rank")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Run:
    """One variant trained with one seed: its scores by split, answers by image, curve and cost.

    `depths` has a row for each layer: its scales before the first step; `checkpoints` one for each
    kept epoch: its scores on validation.
    """

    variant: str
    seed: int
    weights: str
    epoch: int
    splits: dict[str, Any]
    outcomes: pd.DataFrame
    curve: pd.DataFrame
    depths: pd.DataFrame
    checkpoints: pd.DataFrame
    training: dict[str, Any]
    inference: dict[str, Any]
    root: Path

    @cached_property
    def pictures(self) -> dict[str, Any]:
        """Images worth looking at, as `evaluation.pictures` made them."""
        name = f"{self.variant}-{self.seed}"
        path = self.root / f"pictures/{name}.json"
        found: dict[str, Any] = _read(path, read_json)
        _must_have(found, ("split", "explained", "worst", "confused"), path, f"evaluate@{name}")
        return found

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
    examples: list[dict[str, Any]]
    runs: tuple[Run, ...]

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


def read(runs: Iterable[tuple[str, int]], root: Path = Path()) -> Results:
    """Read every file of every run; a Fault names one that is missing or broken."""
    results = Results(
        data=_read(root / "metrics/data.json", read_json),
        examples=_read(root / "data/examples.json", read_json),
        runs=tuple(_run(variant, seed, root) for variant, seed in runs),
    )
    fullest = max(results.runs, key=lambda run: len(run.splits))  # some have no validation
    for run in results.runs:
        _same_images(fullest, run)
    return results


def _run(variant: str, seed: int, root: Path) -> Run:
    name = f"{variant}-{seed}"
    judged = _read(root / f"metrics/runs/{name}.json", read_json)
    curve = _read(root / f"curves/{name}.csv", pd.read_csv)
    training = _read(root / f"costs/train/{name}.json", read_json)
    depths = _read(root / f"depths/{name}.csv", pd.read_csv)
    scales = ("activation", "gradient") if len(depths) else ("a row",)
    _must_have(depths.columns, scales, Path(f"depths/{name}.csv"), f"train@{name}")
    outcomes = _read(root / f"outcomes/{name}.parquet", pd.read_parquet)
    _must_have(outcomes.columns, ANSWER, Path(f"outcomes/{name}.parquet"), f"evaluate@{name}")
    if len(curve) != len(training["epoch_seconds"]):
        raise Fault(
            f"costs/train/{name}.json: {len(training['epoch_seconds'])} epochs are timed and "
            f"curves/{name}.csv has {len(curve)}; train again with `dvc repro --force train@{name}`"
        )
    return Run(
        variant=variant,
        seed=seed,
        weights=judged["weights"],
        epoch=judged["epoch"],
        splits=judged["splits"],
        outcomes=outcomes,
        curve=curve,
        depths=depths,
        checkpoints=_read(root / f"checkpoints/{name}.csv", pd.read_csv),
        training=training,
        inference=_read(root / f"costs/evaluate/{name}.json", read_json),
        root=root,
    )


def _read(path: Path, reader: Callable[[Path], T]) -> T:
    try:
        return reader(path)
    except FileNotFoundError:
        raise Fault(f"{path}: missing; make it with `dvc repro`") from None
    except (ValueError, OSError) as error:  # what json, pandas and Arrow raise
        raise Fault(f"{path}: cannot be read ({error}); remove it and `dvc repro`") from None


def _must_have(there: Container[str], wanted: Iterable[str], path: Path, stage: str) -> None:
    missing = [name for name in wanted if name not in there]
    if missing:
        told = listed(missing)
        raise Fault(f"{path}: {told} missing; make it again with `dvc repro --force {stage}`")


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
