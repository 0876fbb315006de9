"""The values of the metrics files, from the runs: means, intervals, comparisons."""

from dataclasses import asdict, replace
from itertools import combinations
from typing import Any

from assay.evaluation.compare import Difference, Verdict, compare
from assay.evaluation.intervals import Interval, interval
from assay.report.choice import best_seed, ranked
from assay.report.measures import Measures, bounds
from assay.report.results import Results
from assay.report.rounding import restored, rounded

SHORT = ("accuracy", "f1_macro", "loss")
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


def between(a: str, b: str, pairs: list[Difference]) -> Difference:
    """The difference a − b, whichever way round the two were compared."""
    [pair] = [one for one in pairs if {one.a, one.b} == {a, b}]
    if pair.a == a:
        return pair
    turned: dict[Verdict, Verdict] = {"a is better": "b is better", "b is better": "a is better"}
    return replace(
        pair,
        a=a,
        b=b,
        difference=-pair.difference,
        low=-pair.high,
        high=-pair.low,
        verdict=turned.get(pair.verdict, pair.verdict),
    )


def verdict_on_first(pair: Difference) -> str:
    """Of the first of two variants: better, worse or undecided."""
    words = {"a is better": "better", "b is better": "worse", "undecided": "undecided"}
    return words[pair.verdict]


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


def scores_from(told: dict[str, Any], results: Results) -> Scores:
    """What `scores_json` wrote, but for the digits that it left out."""
    scores = {
        variant: {
            split: {name: Interval(**restored(one)) for name, one in told[variant][split].items()}
            for split in results.splits
            if split in told[variant]
        }
        for variant in results.by_variant
    }
    for variant, splits in scores.items():
        for one in (one for found in splits.values() for one in found.values()):
            if one.n != results.seeds:
                raise ValueError(f"scores.json has {one.n} seeds of {variant}")
    return scores


def differences_json(differences: Differences) -> dict[str, Any]:
    """The paired differences of accuracy by split and pair."""
    return {
        split: {f"{one.a} vs {one.b}": rounded(asdict(one)) for one in pairs}
        for split, pairs in differences.items()
    }


def differences_from(told: dict[str, Any], results: Results) -> Differences:
    """What `differences_json` wrote, but for the digits that it left out."""
    kept = {
        split: [Difference(**restored(one)) for one in pairs.values()]
        for split, pairs in told.items()
    }
    return {  # in the order that params.yaml has now
        split: [between(a, b, kept[split]) for a, b in combinations(results.judged_on(split), 2)]
        for split in results.splits
        if split in kept
    }


def chosen_json(results: Results) -> dict[str, Any] | None:
    """The ranking on validation, the winner and its best seed."""
    ranking = ranked(results)
    if not ranking:
        return None
    seed = best_seed(results.by_variant[ranking[0]]).seed
    return {"on": "val", "ranking": ranking, "winner": ranking[0], "seed": seed}
