"""The values of the metrics files, from the runs: means, intervals, comparisons."""

import math
from dataclasses import asdict
from typing import Any

from assay.evaluation.compare import Difference, compare
from assay.evaluation.intervals import Interval, interval
from assay.report.choice import best_seed, ranked
from assay.report.measures import Measures, bounds
from assay.report.results import Results

SHORT = ("accuracy", "f1_macro", "loss")
P_VALUES = ("p", "p_holm", "mcnemar")
Scores = dict[str, dict[str, dict[str, Interval]]]  # variant, split, score
Differences = dict[str, list[Difference]]  # split


def scores(results: Results, measures: Measures, confidence: float) -> Scores:
    """Mean and interval over seeds of every score of every split of every variant."""

    def score(variant: str, split: str, name: str) -> Interval:
        found = measures(variant, split, name).estimate
        return interval(found, confidence, bounds(name))

    return {
        variant: {
            split: {name: score(variant, split, name) for name in runs[0].splits[split]["scores"]}
            for split in results.splits
            if split in runs[0].splits
        }
        for variant, runs in results.by_variant.items()
    }


def differences(results: Results, measures: Measures, confidence: float) -> Differences:
    """Every two variants on every split that neither was trained on, by accuracy."""
    return {
        split: compare(
            {name: measures.right(name, split) for name in results.judged_on(split)},
            confidence,
        )
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
            split: {name: rounded(asdict(one)) for name, one in found.items()}
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
            split: {f"{one.a} vs {one.b}": rounded(asdict(one)) for one in pairs}
            for split, pairs in differences.items()
        },
    }


def _chosen(results: Results) -> dict[str, Any] | None:
    ranking = ranked(results)
    if not ranking:
        return None
    seed = best_seed(results.by_variant[ranking[0]]).seed
    return {"on": "val", "ranking": ranking, "winner": ranking[0], "seed": seed}


def rounded(values: dict[str, Any]) -> dict[str, Any]:
    """Six decimals; p-values keep three digits however small."""
    return {key: _short(key, value) for key, value in values.items()}


def _short(key: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return [_short(key, one) for one in value]
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    return float(f"{value:.3g}") if key in P_VALUES else round(value, 6)
