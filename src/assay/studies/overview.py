"""The table of all studies: published accuracies beside ours, else the best of ours."""

from collections.abc import Sequence
from dataclasses import replace

from assay.evaluation.intervals import Interval
from assay.fault import Fault
from assay.params.reference import Reference
from assay.params.split import PARTS
from assay.report.findings import Findings
from assay.report.markdown import pipes
from assay.report.numbers import on_words
from assay.report.reference import Beside, Ours, value
from assay.report.summary import between, verdict_on_first
from assay.report.tables import NONE, Cell, Table, number, signed, span, table, word
from assay.studies.study import Study, told

SHOWN = "accuracy"  # the score that stands in the table
SCRIPT = "python stages/results.py"
BEGIN, END = f"<!-- by {SCRIPT} -->", "<!-- end -->"


def with_overview(text: str, every: Sequence[Study]) -> str:
    """The text with the table of all studies between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not text.count(BEGIN) == text.count(END) == rest.count(END) == 1:
        raise Fault(
            f"README.md: {BEGIN} and {END} are wanted, once each, around the table of all studies"
        )
    return f"{before}{BEGIN}\n{pipes(overview(every))}\n{END}{after}"


def overview(every: Sequence[Study]) -> Table:
    """A row a variant with a published accuracy, with ours; then our best of the other studies."""
    columns = ["study", "variant", "number", "published", "ours, its recipe", "ours, our recipe"]
    columns += ["ours − its", "seeds", "training, seconds a run", "device"]
    rows = []
    for one in every:
        if one.found:
            rows += told(one, one.found, _rows)
    return table(columns, rows)


def _rows(study: Study, found: Findings) -> list[list[Cell]]:
    rows = [
        [*_named(study, found), *_row(one, source.reference, found)]
        for source in found.referred
        for one in _last(source.numbers)
    ]
    return rows or [_winner(study, found)]


def _last(numbers: Sequence[Beside]) -> list[Beside]:
    """Of each variant's published accuracies that of the last split that has one."""
    ends = [one for one in numbers if not one.published.epoch]
    accuracies = [one for part in PARTS for one in ends if one.published.on == f"{part}.{SHOWN}"]
    return [*{tuple(one.published.variants): one for one in accuracies}.values()]


def _row(one: Beside, source: Reference, found: Findings) -> list[Cell]:
    known = one.published
    return [
        word(" → ".join(known.variants)),
        word(on_words(known.on)),
        replace(value(known), note="not comparable" if source.incomparable else ""),
        _ours(one.of),
        _ours(one.ours),
        _gain(one, found),
        *_run(found, known.variants),
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


def _ours(one: Ours | None) -> Cell:
    if one is None:
        return number(None)
    if isinstance(one, str):
        return Cell(NONE, float("-inf"), one)
    return Cell(f"{one.mean:.4f}", one.mean, span(one.low, one.high))


def _gain(one: Beside, found: Findings) -> Cell:
    """Our recipe minus theirs, with the verdict among all pairs of the study."""
    known = one.published
    pairs = found.differences.get(known.on.partition(".")[0])
    measured = isinstance(one.of, Interval) and isinstance(one.ours, Interval)
    if known.of is None or known.ours is None or pairs is None or not measured:
        return number(None)
    pair = between(known.ours, known.of, pairs)
    return Cell(signed(pair.difference), pair.difference, verdict_on_first(pair))


def _run(found: Findings, names: Sequence[str]) -> list[Cell]:
    costs = [found.cost["variants"][name]["training_seconds"] for name in names]
    costed = " → ".join(f"{cost:,.0f}" for cost in costs)
    devices = [
        f"{one['name']} ({one['device']}, {one['precision']})" for one in found.cost["machines"]
    ]
    return [number(found.results.seeds, 0), Cell(costed, costs[0]), word("; ".join(devices))]
