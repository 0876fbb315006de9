"""The experiment's claims in words, judged by its runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assay.evaluation.claims import Judgement, Tested, at_least, at_most, better, equal, judge
from assay.evaluation.intervals import Measured
from assay.fault import listed
from assay.params.report import COSTS, Claim
from assay.report.measures import bounds
from assay.report.numbers import EXACT, NotMeasuredError, Numbers, is_less_better, on_words
from assay.report.summary import rounded
from assay.report.tables import Cell, Table, number, probability, short, signed, table, word


@dataclass(frozen=True)
class Claimed:
    """A claim in words, and its judgement, or what is missing for one."""

    claim: Claim
    text: str
    judgement: Judgement | None
    missing: str = ""

    @property
    def verdict(self) -> str:
        """Supported, refuted or undecided."""
        return self.judgement.verdict if self.judgement else "undecided"


def judged(claims: Sequence[Claim], numbers: Numbers, confidence: float) -> list[Claimed]:
    """A verdict on each, corrected for the number of those that can be judged."""
    tested = [_tested(claim, numbers) for claim in claims]
    known = [one for one in tested if isinstance(one, Tested)]
    verdicts = iter(judge(known, confidence))
    return [
        Claimed(claim, words(claim), next(verdicts))
        if isinstance(one, Tested)
        else Claimed(claim, words(claim), None, one)
        for claim, one in zip(claims, tested, strict=True)
    ]


def _tested(claim: Claim, numbers: Numbers) -> Tested | str:
    try:
        found = {name: numbers(name, claim.on) for name in claim.variants}
    except NotMeasuredError as missing:
        return str(missing)
    low, high = bounds(claim.on.rpartition(".")[2])
    return _test(claim, found)._replace(bounds=(low, high) if claim.of else (-high, high))


def _test(claim: Claim, found: dict[str, Measured]) -> Tested:
    exact = claim.on in EXACT
    if claim.equal:
        return equal(list(found.values()), claim.within or 0.0, exact=exact)
    one = found.pop(claim.variants[0])
    if claim.at_most is not None:
        return at_most(one, claim.at_most, exact=exact)
    if claim.at_least is not None:
        return at_least(one, claim.at_least, exact=exact)
    sign = 1 if is_less_better(claim.on) == bool(claim.worst) else -1
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
    most = claim.at_most is not None
    limit = claim.at_most if most else claim.at_least
    return f"{claim.of} has {on} of at {'most' if most else 'least'} {limit:g}"


def claims_table(claimed: Sequence[Claimed]) -> Table:
    """A row a claim: verdict, what it turns on with its interval, corrected p."""
    columns = ["claim", "verdict", "measured", "interval", "p, corrected"]
    rows = []
    for one in claimed:
        row = [word(one.text), word(one.verdict, strong=one.verdict != "undecided")]
        rows.append(row + _measured(one))
    return table(columns, rows)


def _measured(one: Claimed) -> list[Cell]:
    if not one.judgement:
        return [Cell(one.missing, ""), number(None), number(None)]
    shown, difference = one.judgement.shown, one.claim.of is None
    say = short if one.claim.on in COSTS else signed if difference else "{:.4f}".format
    return [
        Cell(say(shown.mean), shown.mean),
        Cell(f"{say(shown.low)} to {say(shown.high)}", shown.low),
        _p(one.claim, one.judgement),
    ]


def _p(claim: Claim, one: Judgement) -> Cell:
    """None for what is exact: nothing was left to chance."""
    return number(None) if claim.on in EXACT else Cell(probability(one.p_holm), one.p_holm)


def claims_json(claimed: Sequence[Claimed]) -> list[dict[str, Any]]:
    """What comparison.json says of them."""
    return [
        one.claim.model_dump(mode="json", exclude_unset=True)
        | {"verdict": one.verdict}
        | (_numbers(one.judgement) if one.judgement else {"missing": one.missing})
        for one in claimed
    ]


def _numbers(one: Judgement) -> dict[str, Any]:
    shown = one.shown
    found = {"measured": shown.mean, "low": shown.low, "high": shown.high}
    return rounded(found | {"p": one.p, "p_holm": one.p_holm})
