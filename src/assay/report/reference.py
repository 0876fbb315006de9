"""Published numbers beside ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.evaluation.intervals import Interval, interval
from assay.fault import listed
from assay.params.quantities import COSTS
from assay.params.reference import Published, Reference
from assay.report.measures import bounds
from assay.report.numbers import NotMeasuredError, Numbers, on_words
from assay.report.tables import NONE, Cell, Table, number, short, signed, span, table, word

Ours = Interval | str  # why there is none


@dataclass(frozen=True)
class Beside:
    """A published number, and ours by the published recipe and by our own, where one is named."""

    published: Published
    of: Ours | None
    ours: Ours | None


@dataclass(frozen=True)
class Referred:
    """A source with its numbers beside ours, and the settings that it does not state, with ours."""

    reference: Reference
    numbers: tuple[Beside, ...]
    unstated: tuple[str, ...]


def referred(
    references: Sequence[Reference],
    numbers: Numbers,
    confidence: float,
    settings: Mapping[str, Mapping[str, Any]],
) -> list[Referred]:
    """Each source; `settings` are the parameters of each variant by their paths."""

    def measured(variant: str | None, one: Published) -> Ours | None:
        if variant is None:
            return None
        try:
            found = numbers(variant, one.on, one.epoch)
        except NotMeasuredError as missing:
            return str(missing)
        return interval(found.estimate, confidence, bounds(one.on.rpartition(".")[2]))

    def beside(one: Published) -> Beside:
        return Beside(one, measured(one.of, one), measured(one.ours, one))

    def unstated(one: Reference) -> tuple[str, ...]:
        named = {name: settings[name] for number in one.numbers for name in number.variants[:1]}
        return tuple(f"{key}: {_setting(key, named)}" for key in one.unstated)

    return [Referred(one, tuple(map(beside, one.numbers)), unstated(one)) for one in references]


def source_tables(found: Sequence[Referred]) -> list[tuple[Reference, Table, tuple[str, ...]]]:
    """Each source as pages show it: itself, its table, and what it leaves open."""
    return [(one.reference, reference_table(one), one.unstated) for one in found]


def reference_table(source: Referred) -> Table:
    """A row a number: published, ours by that recipe and by our own, and how far they are from it.

    Of what is not comparable there is no difference.
    """
    numbers, compares = source.numbers, not source.reference.incomparable
    improved, noted = any(one.ours for one in numbers), any(one.published.note for one in numbers)
    columns = ["variant", "number", "published"]
    for name in ["ours", *(["our recipe"] if improved else [])]:
        columns += [name, f"{name} − published"] if compares else [name]
    rows = []
    for one in numbers:
        known = one.published
        row = [word(known.variants[0]), word(_measure(known)), value(known)]
        for ours in [one.of, *([one.ours] if improved else [])]:
            row += [our_number(known, ours), *([distance(known, ours)] if compares else [])]
        rows.append([*row, *([word(known.note)] if noted else [])])
    return table([*columns, *(["note"] if noted else [])], rows)


def our_number(published: Published, ours: Ours | None) -> Cell:
    """What we measured, with its interval, or why there is nothing."""
    if ours is None:
        return number(None)
    if isinstance(ours, str):
        return Cell(NONE, float("-inf"), ours)
    bare = published.on in COSTS or not ours.ends
    reach = "" if bare else span(ours.low, ours.high)
    return Cell(said(published, ours.mean), ours.mean, reach)


def distance(published: Published, ours: Ours | None) -> Cell:
    """How far our number is from the published one: a difference, or of a cost how many times."""
    if ours is None or isinstance(ours, str):
        return number(None)
    if published.on in COSTS:
        times = ours.mean / published.value
        return Cell(f"{times:.2f} times", times)
    return Cell(signed(ours.mean - published.value), ours.mean - published.value)


def _measure(published: Published) -> str:
    """What is measured, and after which epoch, if not at the end."""
    after = f", epoch {published.epoch}" if published.epoch else ""
    return on_words(published.on) + after


def value(published: Published) -> Cell:
    """The published number."""
    return Cell(said(published, published.value), published.value)


def said(published: Published, value: float) -> str:
    """A value as long as such numbers are written."""
    return short(value) if published.on in COSTS else f"{value:.4f}"


def _setting(key: str, settings: Mapping[str, Mapping[str, Any]]) -> str:
    """The value of a key in each variant, once where all agree."""
    names: dict[str, list[str]] = {}
    for name, known in settings.items():
        names.setdefault(_shown(known, key), []).append(name)
    if len(names) == 1:
        return next(iter(names))
    return ", ".join(f"{value} ({listed(those)})" for value, those in names.items())


def _shown(known: Mapping[str, Any], key: str) -> str:
    """The value of a key, or those below it; a variant that has a part switched off has no more."""
    if key in known:
        return str(known[key])
    group = f"{key}."
    parts = [
        f"{path.removeprefix(group)} {value}"
        for path, value in known.items()
        if path.startswith(group)
    ]
    return ", ".join(parts) or NONE
