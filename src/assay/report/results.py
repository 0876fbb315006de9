"""What the runs left in files, read into one value: the grid's runs and no others."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assay.fault import Fault
from assay.files import read_json
from assay.params.split import PARTS
from assay.report.made import known, made
from assay.report.run import Run, committed_run

AUDIT = ("classes", "per_class", "splits", "images", "sizes", "limit", "source", "missing")


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
    data = made(root / "metrics/data.json", read_json, AUDIT, "split")
    found = tuple(committed_run(variant, seed, root) for variant, seed in runs)
    for run in found:
        for split, judged in run.splits.items():
            if judged["images"] != data["splits"].get(split):
                raise Fault(
                    f"{root / 'metrics'}: data.json has {data['splits'].get(split)} images of "
                    f"{split}, runs/{run.name}.json {judged['images']}; make both with `dvc repro`"
                )
    return Results(data, found, root)


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
