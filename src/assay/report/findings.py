"""What the runs amount to: their scores, their differences and their costs, as one value."""

from dataclasses import dataclass
from typing import Any

from assay.params.experiment import Experiment
from assay.report import summary
from assay.report.choice import ranked
from assay.report.claims import Claimed, judged
from assay.report.cost import cost_json
from assay.report.measures import Measures
from assay.report.numbers import Numbers
from assay.report.reference import Referred, referred
from assay.report.results import Results
from assay.report.summary import Differences, Scores


@dataclass(frozen=True, eq=False)
class Findings:
    """All that both reports tell, but for the experiment's own parameters."""

    results: Results
    scores: Scores
    differences: Differences
    cost: dict[str, Any]
    ranking: list[str]
    claims: list[Claimed]
    referred: list[Referred]
    confidence: float

    @property
    def shown(self) -> str:
        """The variant to look at closely: the winner, or the first where none is chosen."""
        return [*self.ranking, *self.results.by_variant][0]

    @property
    def judged(self) -> str:
        """The split to look at the shown variant closely: test, else validation, else training."""
        return list(self.scores[self.shown])[-1]


def findings(experiment: Experiment, results: Results) -> Findings:
    """Work everything out from the runs."""
    report, confidence = experiment.report, experiment.report.confidence
    measures = Measures(results, experiment.evaluate.calibration_bins)
    numbers = Numbers(results, measures, report.time_to_accuracy)
    return Findings(
        results=results,
        scores=summary.scores(results, measures, confidence),
        differences=summary.differences(results, measures, confidence),
        cost=cost_json(results, report.time_to_accuracy),
        ranking=ranked(results),
        claims=judged(report.claims, numbers, confidence),
        referred=referred(report.reference, experiment, numbers, confidence),
        confidence=confidence,
    )
