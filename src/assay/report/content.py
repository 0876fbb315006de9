"""The words and tables that both reports hold."""

from typing import Any

from assay.params.experiment import Experiment
from assay.report import audited, class_tables, depth, plain_tables, score_tables, story
from assay.report.claims import claims_table
from assay.report.confusion import confusion
from assay.report.findings import Findings
from assay.report.provenance import machine_words, provenance
from assay.report.reference import source_tables
from assay.report.tables import percent


def content(experiment: Experiment, found: Findings) -> dict[str, Any]:
    """Values for a template, by name."""
    return _words(experiment, found) | _tables(experiment, found)


def _words(experiment: Experiment, found: Findings) -> dict[str, Any]:
    return {
        "title": experiment.report.title,
        "level": percent(found.confidence),
        "results": found.results,
        "seeds": found.results.seeds,
        "chosen": len(found.ranking) > 1,
        "shown": found.shown,
        "judged": found.judged,
        "split_words": score_tables.SPLIT_WORDS,
        "headline": story.headline(found),
        "compared": story.compared(found.results, experiment.plans),
        "outcome": story.outcome(found),
        "depth_words": depth.summary_words(found.travels),
        "visible": story.visible(found),
        "fewer": story.fewer(found),
        "warnings": story.warnings(found, experiment),
        "limited": _limited(experiment, found.results.data["splits"]["val"]),
        "contents": audited.contents(found.results.data),
        "audit": audited.findings(found.results.data),
        "machines": [machine_words(machine) for machine in found.cost["machines"]],
        "provenance": provenance(found.results.data, found.cost),
    }


def _limited(experiment: Experiment, images: int) -> str:
    """That validation was limited to some of its images during training, where it was."""
    given = {plan.train.val_images for plan in experiment.plans.values()}
    sizes = sorted(size for size in given if size and size < images)
    if not sizes:
        return ""
    several = " or ".join(f"{size:,}" for size in sizes)
    return (
        f"Validation during training used a fixed subset of {several} images; the tables of scores "
        "use all of them."
    )


def _tables(experiment: Experiment, found: Findings) -> dict[str, Any]:
    results, scores = found.results, found.scores
    classes, runs = results.data["classes"], results.by_variant[found.shown]
    winner = found.shown if found.ranking else None
    return {
        "comparison": score_tables.comparison(scores, winner),
        "paired": {
            s: score_tables.paired(pairs) for s, pairs in found.differences.items() if pairs
        },
        "claims": claims_table(found.claims),
        "referred": source_tables(found.referred),
        "every_score": {s: score_tables.every_score(scores, s) for s in reversed(results.splits)},
        "per_class": class_tables.per_class(runs, found.judged, classes),
        "confused": class_tables.confused(confusion(runs, found.judged), classes),
        "costs": plain_tables.costs(found.cost, results.judged_on("val")),
        "depths": depth.travel_table(found.travels),
        "images": class_tables.images(results.data),
        "differing": plain_tables.differing(experiment.plans),
    }
