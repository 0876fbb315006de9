"""All studies on one page, from what git keeps of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.fault import Fault
from assay.params import experiment as params
from assay.params.experiment import Experiment
from assay.report import results, story
from assay.report.claims import claims_table, measured_words, words
from assay.report.findings import FILES, Findings, written
from assay.report.markdown import pictures, pipes, plain
from assay.report.numbers import on_words
from assay.report.page import rendered
from assay.report.reference import Beside, Ours, said, source_tables
from assay.report.score_tables import comparison
from assay.report.summary import between
from assay.report.tables import NONE, Cell, Table, number, signed, table, word

SHOWN = "accuracy"  # the score that stands in the table of all studies
SCRIPT = "python stages/results.py"
BEGIN, END = f"<!-- by {SCRIPT} -->", "<!-- end -->"


@dataclass(frozen=True, eq=False)
class Study:
    """A folder of `studies/` with its parameters, and what was found, if it was run."""

    folder: Path
    experiment: Experiment
    found: Findings | None

    @property
    def name(self) -> str:
        """That of its folder."""
        return self.folder.name


def studies(root: Path) -> list[Study]:
    """Every study below a folder, those beside published numbers first, then by name."""
    read = [_study(path.parent) for path in sorted(root.glob("*/params.yaml"))]
    return sorted(read, key=lambda one: not one.experiment.report.reference)


def _study(folder: Path) -> Study:
    experiment = params.read(folder / "params.yaml")
    ran = any((folder / f"metrics/{name}.json").exists() for name in FILES)
    found = written(experiment, results.committed(experiment.runs, folder)) if ran else None
    return Study(folder, experiment, found)


def page(root: Path) -> str:
    """RESULTS.md."""
    every = studies(root)
    return rendered(
        "results.md.j2",
        Path(__file__).parent,
        script=SCRIPT,
        overview=pipes(overview(every)),
        told=[_told(one, one.found) for one in every if one.found],
        waiting=[one.name for one in every if not one.found],
        plain=plain,
        table=pipes,
    )


def with_overview(text: str, root: Path) -> str:
    """The text with the table of all studies between its marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise Fault(f"README.md: {BEGIN} and {END} are wanted, around the table of all studies")
    return f"{before}{begin}\n{pipes(overview(studies(root)))}\n{end}{after}"


def overview(every: Sequence[Study]) -> Table:
    """A row a published accuracy, with ours by that recipe and by our own; then our best ones."""
    columns = ["study", "variant", "number", "published", "ours, its recipe", "ours, our recipe"]
    columns += ["ours − its", "seeds", "training, seconds a run", "device"]
    rows = []
    for one in every:
        if one.found:
            rows += _beside_published(one, one.found) or [_winner(one, one.found)]
    return table(columns, rows)


def _beside_published(study: Study, found: Findings) -> list[list[Cell]]:
    shown = [
        number
        for source in found.referred
        for number in source.numbers
        if number.published.on.rpartition(".")[2] == SHOWN
    ]
    return [[*_named(study, found), *_row(one, found)] for one in shown]


def _row(one: Beside, found: Findings) -> list[Cell]:
    known = one.published
    names = [known.of, *([known.ours] if known.ours else [])]
    return [
        word(" → ".join(names)),
        word(on_words(known.on)),
        Cell(said(known, known.value), known.value),
        _ours(one.of),
        _ours(one.ours) if one.ours else number(None),
        _gain(one, found),
        *_run(found, names),
    ]


def _winner(study: Study, found: Findings) -> list[Cell]:
    split, name = found.judged, found.shown
    return [
        *_named(study, found),
        word(name),
        word(on_words(f"{split}.{SHOWN}")),
        number(None),
        number(None),
        _ours(found.scores[name][split][SHOWN]),
        number(None),
        *_run(found, [name]),
    ]


def _named(study: Study, found: Findings) -> list[Cell]:
    part = " (a subset)" if found.results.data["limit"] is not None else ""
    return [word(study.name + part)]


def _ours(one: Ours) -> Cell:
    if isinstance(one, str):
        return Cell(NONE, float("-inf"), one)
    return Cell(f"{one.mean:.4f}", one.mean, f"{one.low:.4f} to {one.high:.4f}")


def _gain(one: Beside, found: Findings) -> Cell:
    """Our recipe minus theirs, with the verdict among all pairs of the study."""
    known = one.published
    pairs = found.differences.get(known.on.partition(".")[0])
    if known.ours is None or pairs is None or known.ours == known.of:
        return number(None)
    pair = between(known.ours, known.of, pairs)
    verdict = {"a is better": "better", "b is better": "worse"}.get(pair.verdict, pair.verdict)
    return Cell(signed(pair.difference), pair.difference, verdict)


def _run(found: Findings, names: Sequence[str]) -> list[Cell]:
    costs = [found.cost["variants"][name]["training_seconds"] for name in names]
    told = " → ".join(f"{cost:,.0f}" for cost in costs)
    devices = [
        f"{one['name']} ({one['device']}, {one['precision']})" for one in found.cost["machines"]
    ]
    return [number(found.results.seeds, 0), Cell(told, costs[0]), word("; ".join(devices))]


def _told(study: Study, found: Findings) -> dict[str, Any]:
    return {
        "name": study.name,
        "title": study.experiment.report.title,
        "headline": story.headline(found),
        "revision": found.cost["reported"]["revision"],
        "compared": story.compared(found.results, study.experiment.plans),
        "warnings": story.warnings(found, study.experiment.plans),
        "scores": comparison(found.scores, found.shown if found.ranking else None),
        "grids": _grids(study, found),
        "sources": source_tables(found.referred, study.experiment),
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
    """The aims, `at_least` and `at_most`, that were not shown to be reached, and what was tried."""
    told = []
    for one in found.claims:
        if one.claim.of and one.verdict != "supported":
            note = f" {one.claim.note}" if one.claim.note else ""
            told.append(f"{words(one.claim)}: {one.verdict}, {measured_words(one)}.{note}")
    return told
