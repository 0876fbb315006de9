"""What the files of a run hold of it, which is what MLflow would have heard of it."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.files import read_json
from assay.models.saved import Saved, load, weights_hash
from assay.tracking.locked import Lock

DATA = Path("data/packed/train")


@dataclass(frozen=True)
class Outputs:
    """The outputs of one variant and seed, which belong together as the lock says."""

    variant: str
    seed: int
    lock: Lock

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.variant}-{self.seed}"

    @property
    def model(self) -> Path:
        """The folder of its weights."""
        return Path("models", self.name)

    @property
    def trained(self) -> bool:
        """Whether `train` has left its outputs, and all are those of one training."""
        return self.lock.agrees(f"train@{self.name}", self.model, self._curve, self._cost)

    @property
    def judged(self) -> bool:
        """Whether `evaluate` has judged these weights and no others."""
        return self.lock.agrees(f"evaluate@{self.name}", self.model, self._scores)

    @property
    def weights(self) -> str:
        """SHA-256 of the last weights."""
        return weights_hash(self.model)

    @property
    def saved(self) -> Saved:
        """Plan, classes and shape, as they stand beside the weights."""
        return load(self.model)

    @property
    def data(self) -> dict[str, Any] | None:
        """The meta of the images that it learnt from; None where they are no longer there."""
        there = self.lock.agrees(f"train@{self.name}", DATA)
        return read_json(DATA / "meta.json") if there else None

    @property
    def curve(self) -> dict[int, dict[str, float | None]]:
        """The values of each epoch."""
        with self._curve.open(encoding="utf-8", newline="") as file:
            rows = [
                {name: float(value) if value else None for name, value in row.items()}
                for row in csv.DictReader(file)
            ]
        return {int(row.pop("epoch") or 0): row for row in rows}

    @property
    def cost(self) -> dict[str, Any]:
        """What its training cost."""
        return read_json(self._cost)

    @property
    def splits(self) -> dict[str, Any]:
        """What was judged of each split."""
        return read_json(self._scores)["splits"]

    @property
    def _curve(self) -> Path:
        return Path("curves", f"{self.name}.csv")

    @property
    def _cost(self) -> Path:
        return Path("costs/train", f"{self.name}.json")

    @property
    def _scores(self) -> Path:
        return Path("metrics/runs", f"{self.name}.json")
