"""A made-up study: the files that a grid of runs leaves, consistent with one another."""

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from assay.data.picture import picture
from assay.evaluation.outcomes import judged
from assay.params import experiment as params
from assay.params import yaml12
from assay.params.experiment import Experiment
from assay.report import results
from assay.report.results import Results

DOT = picture(np.zeros((2, 2, 3), np.uint8))
PARAMS = Path(__file__).parents[2] / "params.yaml"
VARIANTS = {
    "vgg16": {"model": {"arch": "vgg16"}},
    "resnet18": {"model": {"arch": "resnet18"}},
    "resnet18-gn": {"model": {"arch": "resnet18", "norm": "gn"}},
}
DIGITS = [str(digit) for digit in range(10)]
SIZES = {"train": 300, "val": 200, "test": 200, "unlabelled": 30}
MACHINE = {
    "device": "cpu", "name": "Imaginary CPU", "cores": 2, "threads": 2, "processes": 1,
    "precision": "fp32",
    "torch": "2.11.0", "python": "3.11.7", "platform": "Linux-6.1-x86_64",
}  # fmt: skip


@dataclass
class Study:
    """What to make up: `right` is the chance of a right answer by variant (default 0.8, 0.9, …).

    `steps` is what a layer does to the scales of activations and gradients by variant (default 1).
    """

    root: Path
    variants: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(VARIANTS))
    seeds: list[int] = field(default_factory=lambda: [0, 1])
    classes: list[str] = field(default_factory=lambda: list(DIGITS))
    sizes: dict[str, int] = field(default_factory=lambda: dict(SIZES))
    right: dict[str, float] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    weights: str = "last"
    limit: int | None = None
    bins: int = 15

    def write(self) -> tuple[Experiment, Results]:
        """Write every file, and read them as the stage does."""
        given = yaml12.load(PARAMS)
        given["variants"], given["seeds"] = self.variants, self.seeds
        given["model"] |= {"norm": "bn", "groups": None}
        for section, values in self.changes.items():
            given[section] |= values
        self._text("params.yaml", yaml.safe_dump(given, sort_keys=False))
        experiment = params.read(self.root / "params.yaml")
        self._json("metrics/data.json", self._data())
        self._json("data/examples.json", [self._double("equal"), self._double("near-equal")])
        for place, variant in enumerate(self.variants):
            for seed in self.seeds:
                self._run(variant, seed, self.right.get(variant, min(0.99, 0.88 + 0.05 * place)))
        return experiment, results.read(experiment.runs, self.root)

    def _run(self, variant: str, seed: int, right: float) -> None:
        name = f"{variant}-{seed}"
        chance = np.random.default_rng([seed, *variant.encode()])
        parts = [split for split in ("train", "val", "test") if self.sizes[split]]
        outcomes, curve = self._outcomes(chance, right), self._curve(chance, right)
        if _learns_val(self.variants.get(variant) or {}):
            parts.remove("val")
            outcomes = outcomes[outcomes["split"] != "val"]
            curve[["val_loss", "val_accuracy"]] = np.nan
        (self.root / "outcomes").mkdir(exist_ok=True)
        outcomes.to_parquet(self.root / f"outcomes/{name}.parquet")
        splits = {split: self._judged(outcomes, split) for split in parts}
        judged = {"variant": variant, "seed": seed, "weights": self.weights, "epoch": 6}
        self._json(f"metrics/runs/{name}.json", judged | {"splits": splits})
        self._json(f"pictures/{name}.json", {"split": parts[-1]} | self._pictures())
        self._text(f"curves/{name}.csv", curve.to_csv(index=False))
        self._text(f"depths/{name}.csv", self._depths(variant, seed).to_csv(index=False))
        kept = curve.iloc[[2, 5]][["epoch", "val_accuracy", "val_loss"]].dropna()
        kept["val_f1_macro"] = kept["val_accuracy"] - 0.01
        self._text(f"checkpoints/{name}.csv", kept.to_csv(index=False))
        self._json(f"costs/train/{name}.json", _training(variant))
        self._json(f"costs/evaluate/{name}.json", {"images_per_second": 1234.5})

    def _outcomes(self, chance: np.random.Generator, right: float) -> pd.DataFrame:
        """The images and labels are those of every run; only the answers hang on the chance."""
        images = np.random.default_rng(7)
        split = np.repeat(list(self.sizes), list(self.sizes.values()))
        labels = images.integers(k := len(self.classes), size=len(split))
        wrong = (labels + chance.integers(1, max(2, k // 3), size=len(split))) % k
        answer = np.where(chance.random(len(split)) < right, labels, wrong)
        known = split != "unlabelled"
        labelled = int(known.sum())
        image = np.concatenate([images.permutation(labelled), np.arange(len(split) - labelled)])
        loss = np.where(answer == labels, 0.05, 2.5)
        return pd.DataFrame(
            {
                "split": split,
                "image": image.astype(np.int64),
                "name": np.where(known, "x.png", (image + 1).astype(str)),
                "label": np.where(known, labels, -1).astype(np.int32),
                "prediction": answer.astype(np.int32),
                "confidence": np.where(answer == labels, 0.9, 0.8).astype(np.float32),
                "loss": np.where(known, loss, np.nan).astype(np.float32),
                "rank": np.where(known, answer != labels, -1).astype(np.int32),
            }
        )

    def _judged(self, outcomes: pd.DataFrame, split: str) -> dict[str, Any]:
        rows = outcomes[outcomes["split"] == split]
        return judged(rows, self.classes, bins=self.bins)

    def _pictures(self) -> dict[str, Any]:
        image = {
            "name": "<7>.png", "label": self.classes[0], "answer": self.classes[-1], "share": 0.9,
            "label_share": 0.1, "src": DOT,
            "heat": None,
        }  # fmt: skip
        both = {"right": image | {"heat": image["src"]}, "wrong": None}
        pair = {"label": self.classes[0], "answer": self.classes[-1], "times": 2, "images": [image]}
        explained = [{"class": name} | both for name in self.classes]
        return {"explained": explained, "worst": [image], "confused": [pair]}

    def _curve(self, chance: np.random.Generator, right: float) -> pd.DataFrame:
        epoch = np.arange(1, 7)
        rise = right * (1 - np.exp(-epoch / 1.2)) + chance.normal(0, 0.008, 6)
        loss = 2.3 * np.exp(-epoch / 1.4) + 0.05 + chance.normal(0, 0.01, 6)
        there = np.nan if not self.sizes["val"] else 1.0
        return pd.DataFrame(
            {
                "epoch": epoch, "lr": 1e-3,
                "train_loss": loss + 0.08, "train_accuracy": rise - 0.03,
                "val_loss": loss * there, "val_accuracy": rise * there,
            }
        )  # fmt: skip

    def _depths(self, variant: str, seed: int, layers: int = 5) -> pd.DataFrame:
        """Seeds differ by a factor that leaves all ratios as they are."""
        with np.errstate(over="ignore"):
            scale = (1.0 + seed) * self.steps.get(variant, 1.0) ** np.arange(layers)
        names = [f"layer{n}" for n in range(layers)]
        measured = {"activation": scale, "gradient": scale[::-1]}
        return pd.DataFrame({"depth": range(1, layers + 1), "layer": names, **measured})

    def _data(self) -> dict[str, Any]:
        labelled = sum(size for split, size in self.sizes.items() if split != "unlabelled")
        counts = dict.fromkeys(("train", "val", "test", "unused"), 0) | {
            split: self.sizes[split] // len(self.classes) for split in ("train", "val", "test")
        }
        group = {"images": ["labelled:12", "labelled:99"], "splits": ["train", "test"]}
        return {
            "images": {
                "labelled": 1500, "unlabelled": self.sizes["unlabelled"], "used": labelled,
                "skipped": 0,
            },
            "limit": self.limit,
            "sizes": {
                "height": {"min": 8, "median": 8.0, "max": 8},
                "width": {"min": 8, "median": 8.0, "max": 8},
                "distinct": 1, "channels": {"1": 1530},
            },
            "skipped": [], "problems": [], "warnings": [], "missing": {"val": [], "test": []},
            "near_within": 4,
            "classes": self.classes,
            "per_class": dict.fromkeys(self.classes, counts),
            "splits": {"unused": 0, **self.sizes},
            "duplicates": {
                "groups": 2, "largest": 3, "repeated_images": 3, "across_splits": 1,
                "conflicting_labels": 0, "also_in_train": {"val": 0, "test": 1},
                "examples": [group | {"labels": [self.classes[0]] * 2}],
            },
            "near_duplicates": {
                "compared": 0, "groups": 0, "largest": 0, "repeated_images": 0, "across_splits": 0,
                "conflicting_labels": 0,
                "also_in_train": {"val": 0, "test": 0}, "examples": [],
            },
            "source": {"format": "pixel_csv", "path": "data/raw", "hash": "ab" * 32},
        }  # fmt: skip

    def _double(self, kind: str) -> dict[str, Any]:
        image = {"src": DOT, "split": "train"}
        names = [f"{kind} <{n}>.png" for n in range(2)]
        images = [image | {"name": name, "label": self.classes[0]} for name in names]
        return {"kind": kind, "conflicting": 0, "across": 1, "more": 3, "images": images}

    def _json(self, path: str, value: Any) -> None:
        self._text(path, json.dumps(value))

    def _text(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)


def _learns_val(changes: dict[str, Any]) -> bool:
    return changes.get("train", {}).get("on") == "train+val"


def _training(variant: str) -> dict[str, Any]:
    vgg = variant.startswith("vgg")
    return {
        "parameters": 134_300_000 if vgg else 11_170_000,
        "multiply_adds": 333_000_000 if vgg else 37_100_000,
        "images_per_second": 410.0 if vgg else 1620.0,
        "epoch_seconds": [2.5, 2.0, 2.0, 2.0, 2.0, 2.0],
        "validation_seconds": [0.4] * 6,
        "warm_up_seconds": 0.0,
        "peak_memory_bytes": 2_411_000_000 if vgg else 902_000_000,
        "peak_memory_of": "process",
        "machine": MACHINE,
        "revision": "ab12" * 10,
    }


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path)
