"""The experiment's claims in words, judged by its runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assay.evaluation.claims import (
    Judgement,
    Tested,
    at_least,
    at_most,
    better,
    equal,
    judge,
)
from assay.evaluation.intervals import Measured
from assay.fault import listed
from assay.params.claim import Claim
from assay.params.quantities import COSTS, EXACT, is_timed
from assay.report.measures import bounds
from assay.report.numbers import NotMeasuredError, Numbers, is_less_better, on_words
from assay.report.tables import NONE, Cell, Table, number, probability, short, signed, table, word


@dataclass(frozen=True)
class Claimed:
    """A claim, its verdict, and the number that it turns on; or what is missing for one."""

    claim: Claim
    verdict: str
    measured: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p: float = math.nan
    p_holm: float = math.nan
    missing: str = ""


def judged(claims: Sequence[Claim], numbers: Numbers, confidence: float) -> list[Claimed]:
    """A verdict on each, corrected for the number of those that can be judged.

    Those on timings are corrected apart: a repeat gives others, and no other verdict may turn on
    them.
    """
    tested = {place: _tested(claim, numbers) for place, claim in enumerate(claims)}
    verdicts: dict[int, Judgement] = {}
    for timed in (False, True):
        family = {
            place: one
            for place, one in tested.items()
            if isinstance(one, Tested) and is_timed(claims[place].on) == timed
        }
        verdicts |= zip(family, judge([*family.values()], confidence), strict=True)
    return [
        _claimed(claim, verdicts[place])
        if place in verdicts
        else Claimed(claim, "undecided", missing=str(tested[place]))
        for place, claim in enumerate(claims)
    ]


def _claimed(claim: Claim, one: Judgement) -> Claimed:
    shown = one.shown
    return Claimed(claim, one.verdict, shown.mean, shown.low, shown.high, one.p, one.p_holm)


def _tested(claim: Claim, numbers: Numbers) -> Tested | str:
    try:
        found = {name: numbers(name, claim.on) for name in claim.variants}
    except NotMeasuredError as missing:
        return str(missing)
    low, high = bounds(claim.on.rpartition(".")[2])
    reach = 2 * high if claim.gain else high
    return _test(claim, found)._replace(bounds=(low, high) if claim.of else (-reach, reach))


def _test(claim: Claim, found: dict[str, Measured]) -> Tested:
    exact = claim.on in EXACT
    if claim.equal:
        return equal(list(found.values()), claim.within or 0.0, exact=exact)
    sign = 1 if is_less_better(claim.on) == bool(claim.worst) else -1
    if claim.gain:
        a, b, c, d = found.values()
        return better(a.minus(b), [c.minus(d)], sign=sign, exact=exact)
    one = found.pop(claim.variants[0])
    if claim.at_most is not None:
        return at_most(one, claim.at_most, exact=exact)
    if claim.at_least is not None:
        return at_least(one, claim.at_least, exact=exact)
    return better(one, list(found.values()), sign=sign, exact=exact)


def words(claim: Claim) -> str:
    """A claim as a sentence."""
    on = on_words(claim.on)
    if claim.better:
        return f"{claim.better} is better than {claim.than} in {on}"
    if claim.best or claim.worst:
        one = claim.best or claim.worst
        others = listed([name for name in claim.among or [] if name != one])
        return f"{one} is the {claim.kind} in {on}, against {others}"
    if claim.equal:
        return f"{listed(claim.equal)} are equal in {on}, within {claim.within:g}"
    if claim.gain:
        a, b, c, d = claim.variants
        return f"{a} is better than {b} in {on} by more than {c} is better than {d}"
    most = claim.at_most is not None
    limit = claim.at_most if most else claim.at_least
    return f"{claim.of} has {on} of at {'most' if most else 'least'} {limit:g}"


def claims_table(claimed: Sequence[Claimed]) -> Table:
    """A row a claim: verdict, what it turns on with its interval, corrected p, and its note."""
    columns = ["claim", "verdict", "measured", "interval", "p, corrected"]
    noted = any(one.claim.note for one in claimed)
    rows = []
    for one in claimed:
        row = [word(words(one.claim)), word(one.verdict, strong=one.verdict != "undecided")]
        rows.append([*row, *_measured(one), *([word(one.claim.note)] if noted else [])])
    return table([*columns, *(["note"] if noted else [])], rows)


def measured_words(one: Claimed) -> str:
    """What a verdict turns on with its interval, or what is missing for one."""
    return one.missing or f"{_say(one, one.measured)} ({_reach(one)})"


def _measured(one: Claimed) -> list[Cell]:
    if one.missing:
        return [Cell(one.missing, ""), number(None), number(None)]
    measured = Cell(_say(one, one.measured), one.measured)
    return [measured, Cell(_reach(one), one.low), _p(one)]


def _reach(one: Claimed) -> str:
    """NONE where nothing is known of an end."""
    if not math.isfinite(one.high - one.low):
        return NONE
    return f"{_say(one, one.low)} to {_say(one, one.high)}"


def _say(one: Claimed, value: float) -> str:
    """A number of this claim as people write it; differences with their sign."""
    if one.claim.on in COSTS:
        return short(value)
    return f"{value:.4f}" if one.claim.of else signed(value)


def _p(one: Claimed) -> Cell:
    """None for what is exact: nothing was left to chance."""
    exact = one.claim.on in EXACT
    return number(None) if exact else Cell(probability(one.p_holm), one.p_holm)
