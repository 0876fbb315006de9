"""One run of the grid, as its files say."""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay.fault import Fault
from assay.files import read_json
from assay.report.made import made, must_have, read

ANSWER = ("split", "image", "name", "label", "prediction", "confidence", "loss", "rank")
EPOCH = ("epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy")
KEPT = ("epoch", "val_accuracy", "val_f1_macro", "val_loss")
COSTS = (
    *("parameters", "multiply_adds", "images_per_second", "epoch_seconds", "warm_up_seconds"),
    *("peak_memory_bytes", "peak_memory_of", "machine", "revision"),
)


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
        found = made(path, pd.read_parquet, ANSWER, f"evaluate@{self.name}")
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
        found = made(path, pd.read_csv, EPOCH, f"train@{self.name}")
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
        found = read(path, pd.read_csv)
        scales = ("activation", "gradient") if len(found) else ("a row",)
        must_have(found.columns, scales, path, f"train@{self.name}")
        return found

    @cached_property
    def checkpoints(self) -> pd.DataFrame:
        """A row a kept epoch: its scores on validation."""
        path = self.root / f"checkpoints/{self.name}.csv"
        return made(path, pd.read_csv, KEPT, f"evaluate@{self.name}")

    @cached_property
    def training(self) -> dict[str, Any]:
        """What its training cost, and on which machine."""
        path = self.root / f"costs/train/{self.name}.json"
        return made(path, read_json, COSTS, f"train@{self.name}")

    @cached_property
    def inference(self) -> dict[str, Any]:
        """How fast it answers."""
        path = self.root / f"costs/evaluate/{self.name}.json"
        return made(path, read_json, ("images_per_second",), f"evaluate@{self.name}")

    @cached_property
    def pictures(self) -> dict[str, Any]:
        """Images worth looking at, as `evaluation.pictures` made them."""
        path = self.root / f"pictures/{self.name}.json"
        parts = ("split", "explained", "worst", "confused")
        return made(path, read_json, parts, f"evaluate@{self.name}")

    def score(self, split: str, name: str) -> float:
        """One score on one split."""
        return float(self.splits[split]["scores"][name])

    def answers(self, split: str) -> pd.DataFrame:
        """The outcomes of a split."""
        return self.outcomes[self.outcomes["split"] == split]


def committed_run(variant: str, seed: int, root: Path) -> Run:
    """A run of the study in `root`, from what git keeps of it."""
    path = root / f"metrics/runs/{variant}-{seed}.json"
    wanted = ("weights", "epoch", "splits")
    judged: dict[str, Any] = made(path, read_json, wanted, f"evaluate@{variant}-{seed}")
    return Run(variant, seed, judged["weights"], judged["epoch"], judged["splits"], root)


def _is_judged(answers: pd.DataFrame, judged: dict[str, Any]) -> bool:
    """Whether a split's answers are those that were judged: as many, as often right, finite."""
    right = (answers["label"] == answers["prediction"]).mean()
    return (
        len(answers) == judged["images"]
        and math.isclose(right, judged["scores"]["accuracy"], abs_tol=1e-6)
        and bool(np.isfinite(answers["loss"]).all())
    )
