"""The values of the metrics files, from the runs: means, intervals, comparisons."""

import math
from dataclasses import asdict
from typing import Any

from assay.evaluation.compare import Difference, compare
from assay.evaluation.intervals import Interval, interval
from assay.report.choice import best_seed, ranked
from assay.report.results import Results, Run

SHORT = ("accuracy", "f1_macro", "loss")
Scores = dict[str, dict[str, dict[str, Interval]]]  # variant, split, score
Differences = dict[str, list[Difference]]  # split


def scores(results: Results, confidence: float) -> Scores:
    """Mean and interval over seeds of every score of every split of every variant."""
    return {
        variant: {
            split: {
                name: _score(runs, split, name, confidence)
                for name in runs[0].splits[split]["scores"]
            }
            for split in results.splits
            if split in runs[0].splits
        }
        for variant, runs in results.by_variant.items()
    }


def _score(runs: list[Run], split: str, name: str, confidence: float) -> Interval:
    return interval(
        [run.score(split, name) for run in runs],
        [run.splits[split]["image_error"][name] for run in runs],
        confidence=confidence,
        bounds=(0.0, math.inf if name == "loss" else 1.0),
    )


def differences(results: Results, confidence: float) -> Differences:
    """Every two variants on every split that neither was trained on."""
    return {
        split: compare(results.right(split), confidence)
        for split in results.splits
        if split != "train"
    }


def summary_json(scores: Scores) -> dict[str, Any]:
    """The few means that are worth a line in `dvc metrics diff`."""
    return {
        variant: {
            split: {name: round(found[name].mean, 6) for name in SHORT}
            for split, found in splits.items()
        }
        for variant, splits in scores.items()
    }


def scores_json(scores: Scores) -> dict[str, Any]:
    """Every score with its deviation over seeds and its interval."""
    return {
        variant: {
            split: {name: _rounded(asdict(one)) for name, one in found.items()}
            for split, found in splits.items()
        }
        for variant, splits in scores.items()
    }


def comparison_json(
    differences: Differences, results: Results, confidence: float
) -> dict[str, Any]:
    """The choice on validation, and the paired differences of accuracy by split and pair."""
    return {
        "chosen": _chosen(results),
        "confidence": confidence,
        "score": "accuracy",
        "differences": {
            split: {f"{one.a} vs {one.b}": _rounded(asdict(one)) for one in pairs}
            for split, pairs in differences.items()
        },
    }


def _chosen(results: Results) -> dict[str, Any] | None:
    ranking = ranked(results)
    if not ranking:
        return None
    seed = best_seed(results.by_variant[ranking[0]]).seed
    return {"on": "val", "ranking": ranking, "winner": ranking[0], "seed": seed}


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    """Six decimals; p-values keep three digits however small."""
    return {key: _short(key, value) for key, value in values.items()}


def _short(key: str, value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return float(f"{value:.3g}") if key.startswith("p") else round(value, 6)
