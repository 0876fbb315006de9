"""The winner's answers for the unlabelled images."""

from assay.evaluation.outcomes import submission
from assay.report.choice import best_seed, ranked
from assay.report.results import Results


def winners_submission(results: Results) -> str:
    """The submission of the winner's best seed; only the header where none is due."""
    classes = results.data["classes"]
    for variant in ranked(results)[:1]:
        return submission(best_seed(results.by_variant[variant]).outcomes, classes)
    return submission(results.runs[0].outcomes[:0], classes)
