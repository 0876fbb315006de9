"""RESULTS.md: every study that was run, by what its metrics say."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assay.report import story
from assay.report.claims import claims_table, measured_words, words
from assay.report.findings import Findings
from assay.report.markdown import pictures, pipes, plain
from assay.report.page import rendered
from assay.report.provenance import trained_words
from assay.report.reference import source_tables
from assay.report.score_tables import comparison
from assay.report.tables import percent
from assay.studies.overview import SCRIPT, overview
from assay.studies.study import Study, told

USUAL = 0.95  # the level of intervals that need not be told


def page(every: Sequence[Study]) -> str:
    """RESULTS.md."""
    return rendered(
        "results.md.j2",
        Path(__file__).parent,
        script=SCRIPT,
        overview=pipes(overview(every)),
        told=[told(one, one.found, _section) for one in every if one.found],
        waiting=[one.name for one in every if not one.found],
        plain=plain,
        table=pipes,
    )


def _section(study: Study, found: Findings) -> dict[str, Any]:
    return {
        "name": study.name,
        "title": study.experiment.report.title,
        "headline": story.headline(found),
        "trained": trained_words(found.cost),
        "compared": story.compared(found.results, study.experiment.plans),
        "warnings": story.warnings(found, study.experiment),
        "level": "" if found.confidence == USUAL else percent(found.confidence),
        "scores": comparison(found.scores, found.shown if found.ranking else None),
        "grids": _grids(study, found),
        "sources": source_tables(found.referred),
        "claims": claims_table(found.claims),
        "missed": missed(found),
    }


def _grids(study: Study, found: Findings) -> dict[str, str]:
    """Titles of the pictures of two parameters that vary together, by where they lie."""
    return {
        f"studies/{study.name}/reports/figures/{name}.svg": picture.title
        for name, picture in pictures(study.experiment, found).items()
        if name.startswith("grid")
    }


def missed(found: Findings) -> list[str]:
    """The limits, `at_least` and `at_most`, that were not shown to hold, and what was tried."""
    sentences = []
    for one in found.claims:
        if one.claim.of and one.verdict != "supported":
            note = f" {one.claim.note}" if one.claim.note else ""
            sentences.append(f"{words(one.claim)}: {one.verdict}, {measured_words(one)}.{note}")
    return sentences
