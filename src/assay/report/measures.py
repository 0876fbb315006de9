"""The scores of each variant as measured: a value a seed, and what each image adds to it."""

from functools import lru_cache

import numpy as np
from jaxtyping import Bool

from assay.evaluation.intervals import Measured
from assay.evaluation.outcomes import TTA, outcomes_in, scores_in
from assay.evaluation.scores import Score
from assay.report.results import Results, Run

NO_SHARES = ("loss", "calibration_error")  # all other scores are shares of images


class Measures:
    """Of all runs; `bins` are those of the calibration error."""

    def __init__(self, results: Results, bins: int) -> None:
        self._results, self._bins = results, bins
        self._classes = len(results.data["classes"])
        self._scores = lru_cache(1)(self._worked_out)  # they are asked for one after the other

    def __call__(self, variant: str, split: str, score: str) -> Measured:
        """One score of one variant on one split."""
        found = [one[score] for one in self._scores(variant, split)]
        values = np.array([one.value for one in found])
        influences = np.stack([one.influence for one in found])
        return Measured(values, influences, share=score.removesuffix(TTA) not in NO_SHARES)

    def right(self, variant: str, split: str) -> Bool[np.ndarray, "seeds images"]:
        """Which images each seed of a variant got right."""
        answers = [run.answers(split) for run in self._results.by_variant[variant]]
        return np.stack([outcomes_in(one, self._classes).hits for one in answers])

    def _worked_out(self, variant: str, split: str) -> list[dict[str, Score]]:
        return [self._of_run(run, split) for run in self._results.by_variant[variant]]

    def _of_run(self, run: Run, split: str) -> dict[str, Score]:
        return scores_in(run.answers(split), self._classes, bins=self._bins)
