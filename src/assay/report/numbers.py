"""Scores and costs by the names that claims and published numbers use, as `test.accuracy`."""

import math

import numpy as np

from assay.evaluation.intervals import Measured
from assay.params.quantities import COSTS, TTA, is_timed
from assay.report.cost import machines, of_run
from assay.report.measures import Measures
from assay.report.results import Results
from assay.report.run import Run
from assay.report.score_tables import score_words

LESS = {"loss", *COSTS}  # is better


class NotMeasuredError(Exception):
    """A variant has no such number."""


class Numbers:
    """Of all variants; `accuracy` is what seconds_to_accuracy wait for."""

    def __init__(self, results: Results, measures: Measures, accuracy: float) -> None:
        self._results, self._measures, self._accuracy = results, measures, accuracy

    def __call__(self, variant: str, on: str, epoch: int | None = None) -> Measured:
        """One number of a variant, or of a kept epoch; NotMeasuredError where it has none."""
        if epoch is not None:
            return self._kept(variant, on, epoch)
        split, dot, score = on.partition(".")
        runs = self._results.by_variant[variant]
        if not dot:
            return self._cost(variant, runs, on)
        if score not in runs[0].splits.get(split, {"scores": {}})["scores"]:
            raise NotMeasuredError(f"{variant} has no {on}")
        return self._measures(variant, split, score)

    def _kept(self, variant: str, on: str, epoch: int) -> Measured:
        """A score of a kept epoch; what images add to it is not kept, so the doubt is NaN."""
        values = []
        for run in self._results.by_variant[variant]:
            row = run.checkpoints[run.checkpoints["epoch"] == epoch]
            if row.empty:
                raise NotMeasuredError(f"{variant} kept no epoch {epoch}")
            values.append(float(row[on.replace(".", "_")].iloc[0]))
        return Measured(np.array(values), np.zeros((len(values), 0)), math.nan)

    def _cost(self, variant: str, runs: list[Run], name: str) -> Measured:
        if is_timed(name) and len(machines(self._results)) > 1:
            raise NotMeasuredError("runs were timed on unlike machines")
        if name == "seconds_to_accuracy" and "val" not in runs[0].splits:
            raise NotMeasuredError(f"{variant} has no validation to reach an accuracy on")
        values = [of_run(run, self._accuracy)[name] for run in runs]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            raise NotMeasuredError(f"{variant} did not reach {self._accuracy:g} with every seed")
        unknown = len(known) == 1 and is_timed(name)  # how far another run would be from it
        doubt = math.inf if unknown else 0.0
        return Measured(np.array(known, float), np.zeros((len(known), 0)), doubt)


def on_words(on: str) -> str:
    """`test.accuracy_tta` as people write it."""
    split, dot, score = on.partition(".")
    return (
        f"{split} {score_words(score)}".replace(",", "")
        if dot
        else on.replace("_mb", ", MB").replace("_", " ")
    )


def is_less_better(on: str) -> bool:
    """Whether less of a number is better."""
    return on.rpartition(".")[2].removesuffix(TTA) in LESS
