"""Published numbers beside ours."""

from collections.abc import Sequence
from dataclasses import dataclass

from assay.evaluation.intervals import Measured, interval
from assay.params.experiment import Experiment
from assay.params.report import COSTS, Published, Reference
from assay.report.measures import bounds
from assay.report.numbers import NotMeasuredError, Numbers, on_words
from assay.report.tables import NONE, Cell, Table, number, short, signed, table, word


@dataclass(frozen=True)
class Referred:
    """A source with its numbers beside ours, and the settings that it does not state, with ours."""

    source: str
    table: Table
    unstated: list[str]


def referred(
    references: Sequence[Reference], experiment: Experiment, numbers: Numbers, confidence: float
) -> list[Referred]:
    """Each source."""
    columns = ["variant", "number", "published", "ours", "ours − published", "note"]
    return [
        Referred(
            one.source,
            table(columns, (_row(number, numbers, confidence) for number in one.numbers)),
            [f"{key}: {_ours(key, experiment)}" for key in one.unstated],
        )
        for one in references
    ]


def _row(one: Published, numbers: Numbers, confidence: float) -> list[Cell]:
    say = short if one.on in COSTS else "{:.4f}".format
    row = [word(one.of), word(on_words(one.on)), Cell(say(one.value), one.value)]
    try:
        found = numbers(one.of, one.on)
    except NotMeasuredError as missing:
        return [*row, Cell(NONE, float("-inf"), str(missing)), number(None), word(one.note)]
    return [*row, *_beside(found, one, confidence), word(one.note)]


def _beside(found: Measured, one: Published, confidence: float) -> list[Cell]:
    ours = interval(found.estimate, confidence, bounds(one.on.rpartition(".")[2]))
    if one.on in COSTS:
        return [Cell(short(ours.mean), ours.mean), Cell(f"{ours.mean / one.value:.2f} times", 0.0)]
    reach = f"{ours.low:.4f} to {ours.high:.4f}"
    difference = ours.mean - one.value
    return [Cell(f"{ours.mean:.4f}", ours.mean, reach), Cell(signed(difference), difference)]


def _ours(key: str, experiment: Experiment) -> str:
    """The value of a key in each variant, once where all agree."""
    values = {name: str(known[key]) for name, known in experiment.settings.items()}
    if len({*values.values()}) == 1:
        return next(iter(values.values()))
    return ", ".join(f"{value} ({name})" for name, value in values.items())
