"""The choice, made on validation alone: the best variant, and the best seed of a variant."""

from collections.abc import Iterable
from statistics import fmean

from assay.report.results import Results
from assay.report.run import Run


def ranked(results: Results) -> list[str]:
    """Variants with validation by its mean accuracy, then lower loss, then name."""
    judged = results.judged_on("val")

    def place(variant: str) -> tuple[float, float, str]:
        runs = judged[variant]
        accuracy = fmean(run.score("val", "accuracy") for run in runs)
        return -accuracy, fmean(run.score("val", "loss") for run in runs), variant

    return sorted(judged, key=place)


def best_seed(runs: Iterable[Run]) -> Run:
    """The run with the best validation accuracy, then the lower loss, then the lower seed."""
    return min(runs, key=lambda r: (-r.score("val", "accuracy"), r.score("val", "loss"), r.seed))


def split_to_show(results: Results) -> str | None:
    """The split that most variants have a score of: validation, else test."""
    there = [split for split in ("val", "test") if results.judged_on(split)]
    return max(there, key=lambda split: len(results.judged_on(split)), default=None)
