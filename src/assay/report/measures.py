"""The scores of each variant as measured: a value a seed, and what each image adds to it."""

import math
from functools import lru_cache

import numpy as np
from jaxtyping import Bool

from assay.evaluation.intervals import Measured
from assay.evaluation.outcomes import outcomes_in, scores_in
from assay.evaluation.scores import Score
from assay.params.quantities import COSTS, TTA
from assay.report.results import Results
from assay.report.run import Run


def bounds(score: str) -> tuple[float, float]:
    """Where a score can lie: shares up to 1, losses and costs without an end."""
    endless = score in COSTS or score.removesuffix(TTA) == "loss"
    return 0.0, math.inf if endless else 1.0


class Measures:
    """Of all runs; `bins` are those of the calibration error."""

    def __init__(self, results: Results, bins: int) -> None:
        self._results, self._bins = results, bins
        self._classes = len(results.data["classes"])
        self._scores = lru_cache(1)(self._worked_out)  # they are asked for one after the other

    def __call__(self, variant: str, split: str, score: str) -> Measured:
        """One score of one variant on one split; the doubt is NaN where images tell none."""
        found = [one[score] for one in self._scores(variant, split)]
        values = np.array([one.value for one in found])
        influences = [one.influence for one in found if one.influence is not None]
        if len(influences) < len(found):
            return Measured(values, np.zeros((len(found), 0)), math.nan)
        return Measured(values, np.stack(influences), max(one.doubt for one in found))

    def right(self, variant: str, split: str) -> Bool[np.ndarray, "seeds images"]:
        """Which images each seed of a variant got right."""
        answers = [run.answers(split) for run in self._results.by_variant[variant]]
        return np.stack([outcomes_in(one, self._classes).hits for one in answers])

    def _worked_out(self, variant: str, split: str) -> list[dict[str, Score]]:
        return [self._of_run(run, split) for run in self._results.by_variant[variant]]

    def _of_run(self, run: Run, split: str) -> dict[str, Score]:
        return scores_in(run.answers(split), self._classes, bins=self._bins)
