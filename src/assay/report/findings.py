"""What the runs amount to: worked out from their answers, or read from what git keeps of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.fault import Fault
from assay.files import write_json
from assay.params.experiment import Experiment
from assay.report import depth, summary
from assay.report.choice import ranked
from assay.report.claims import Claimed, judged
from assay.report.cost import cost_json
from assay.report.depth import Travel
from assay.report.kept_claims import claims_from, claims_json, timed_claims_json
from assay.report.kept_references import reference_from, reference_json, timed_reference_json
from assay.report.made import known
from assay.report.measures import Measures
from assay.report.numbers import Numbers
from assay.report.reference import Referred, referred
from assay.report.results import Results
from assay.report.summary import Differences, Scores

BROKEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # by odd JSON
COST = ("time_to_accuracy", "machines", "revisions", "reported")
FILES = ("scores", "comparison", "depths", "cost")  # below metrics, beside the summary of scores


@dataclass(frozen=True, eq=False)
class Findings:
    """All that both reports tell, but for the experiment's own parameters."""

    results: Results
    scores: Scores
    differences: Differences
    cost: dict[str, Any]
    travels: Mapping[str, Travel]
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
        travels=depth.travels(results),
        ranking=ranked(results),
        claims=judged(report.claims, numbers, confidence),
        referred=referred(report.reference, numbers, confidence, experiment.settings),
        confidence=confidence,
    )


def write(found: Findings, metrics: Path) -> None:
    """The metrics files, which git keeps."""
    compared: dict[str, Any] = {
        "chosen": summary.chosen_json(found.results),
        "confidence": found.confidence,
        "score": "accuracy",
        "differences": summary.differences_json(found.differences),
        "claims": claims_json(found.claims),
        "reference": reference_json(found.referred),
    }
    scores, depths = summary.scores_json(found.scores), depth.travels_json(found.travels)
    cost = found.cost | {
        "claims": timed_claims_json(found.claims),
        "reference": timed_reference_json(found.referred),
    }
    for name, told in zip(FILES, (scores, compared, depths, cost), strict=True):
        write_json(metrics / f"{name}.json", told)
    write_json(metrics / "summary.json", summary.summary_json(found.scores))


def written(experiment: Experiment, results: Results) -> Findings:
    """What `write` wrote, but for the digits that it left out: reports say no more than git has.

    A Fault where that is of another confidence, claims or published numbers than the experiment's.
    """
    metrics = results.root / "metrics"
    try:
        found = _told(results, *(known(metrics / f"{name}.json") for name in FILES))
    except BROKEN as error:
        raise not_made(metrics, f"{type(error).__name__}: {error}") from None
    if found.confidence != experiment.report.confidence:
        raise not_made(metrics, "comparison.json has another report.confidence")
    if [one.claim for one in found.claims] != experiment.report.claims:
        raise not_made(metrics, "comparison.json has other report.claims")
    if [one.reference for one in found.referred] != experiment.report.reference:
        raise not_made(metrics, "comparison.json has another report.reference")
    return found


def not_made(metrics: Path, why: str) -> Fault:
    """That the files there are not what `write` writes."""
    return Fault(
        f"{metrics}: not what `report` makes of params.yaml ({why}); make it anew with "
        f"`dvc repro`, or undo the changes to both with `git restore {metrics} "
        f"{metrics.with_name('params.yaml')}`"
    )


def _told(results: Results, scores: Any, compared: Any, depths: Any, cost: Any) -> Findings:
    variants = results.by_variant  # in the order of params.yaml
    costs = {name: cost[name] for name in COST}
    by_variant = {name: cost["variants"][name] for name in variants}
    return Findings(
        results=results,
        scores=summary.scores_from(scores, results),
        differences=summary.differences_from(compared["differences"], results),
        cost=costs | {"variants": by_variant},
        travels=depth.travels_from({name: depths[name] for name in variants}),
        ranking=ranked(results),
        claims=claims_from(compared["claims"], cost["claims"]),
        referred=reference_from(compared["reference"], cost["reference"]),
        confidence=compared["confidence"],
    )
