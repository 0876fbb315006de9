"""Whether what was expected is borne out: supported, refuted, or undecided.

A claim has two one-sided p-values, one against each verdict; twice the smaller is its p-value, and
Holm's correction runs over all claims together. So the chance of any false verdict stays below
alpha. A claim about several variants is supported when every comparison says so (the largest p
counts), and refuted when one comparison says so (the smallest, times their number).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from assay.evaluation.compare import holm
from assay.evaluation.intervals import Estimate, Interval, Measured, interval, p_value

Verdict = Literal["supported", "refuted", "undecided"]


class Tested(NamedTuple):
    """A claim's p-values for its being true and for its being false, and what it turns on.

    Of what is `exact`, such as a number of parameters, one seed tells as much as many. What is
    shown cannot lie outside the `bounds`.
    """

    supported: float
    refuted: float
    shown: Estimate
    exact: bool = False
    bounds: tuple[float, float] = (-math.inf, math.inf)


@dataclass(frozen=True)
class Judgement:
    """A verdict; `shown` is the difference, or the number, that it turns on."""

    verdict: Verdict
    shown: Interval
    p: float
    p_holm: float


def better(one: Measured, others: Sequence[Measured], *, sign: int, exact: bool) -> Tested:
    """One is better than each other; `sign` is -1 where less is better (or worse is claimed)."""
    ahead = [_turned(one.minus(other).estimate, sign) for other in others]
    closest = min(ahead, key=lambda found: found.mean)
    if exact:
        return _certain(closest.mean > 0, _turned(closest, sign))
    return _all_of(ahead, lambda found: _above(found, 0.0), lambda found: _below(found, 0.0), sign)


def equal(several: Sequence[Measured], within: float, *, exact: bool) -> Tested:
    """Any two lie within so much of each other (two one-sided tests, Schuirmann 1987)."""
    apart = [one.minus(other).estimate for one, other in combinations(several, 2)]
    farthest = max(apart, key=lambda found: abs(found.mean))
    if exact:
        return _certain(abs(farthest.mean) <= within, farthest)
    return _all_of(
        apart,
        lambda found: max(_below(found, within), _above(found, -within)),
        lambda found: min(_above(found, within), _below(found, -within)),
    )


def at_most(one: Measured, limit: float, *, exact: bool) -> Tested:
    """One is so much or less."""
    found = one.estimate
    if exact:
        return _certain(found.mean <= limit, found)
    return Tested(_below(found, limit), _above(found, limit), found)


def at_least(one: Measured, limit: float, *, exact: bool) -> Tested:
    """One is so much or more."""
    found = one.estimate
    if exact:
        return _certain(found.mean >= limit, found)
    return Tested(_above(found, limit), _below(found, limit), found)


def judge(tested: Sequence[Tested], confidence: float) -> list[Judgement]:
    """The verdict on each, corrected for their number."""
    p_values = [min(1.0, 2 * min(one.supported, one.refuted)) for one in tested]
    return [
        Judgement(
            verdict=_verdict(one, p_holm, 1 - confidence),
            shown=interval(one.shown, confidence, one.bounds),
            p=p,
            p_holm=p_holm,
        )
        for one, p, p_holm in zip(tested, p_values, holm(p_values), strict=True)
    ]


def _verdict(one: Tested, p: float, alpha: float) -> Verdict:
    """One seed decides nothing: it compares two sets of weights, not two recipes."""
    if (one.shown.n == 1 and not one.exact) or p >= alpha:
        return "undecided"
    return "supported" if one.supported < one.refuted else "refuted"


def _all_of(
    found: Sequence[Estimate],
    true: Callable[[Estimate], float],
    false: Callable[[Estimate], float],
    sign: int = 1,
) -> Tested:
    """Every comparison must be true, one suffices to refute; shown is the one that decides."""
    weakest, against = max(found, key=true), min(found, key=false)
    supported, refuted = true(weakest), min(1.0, len(found) * false(against))
    return Tested(supported, refuted, _turned(weakest if supported < refuted else against, sign))


def _certain(holds: bool, shown: Estimate) -> Tested:
    return Tested(0.0 if holds else 1.0, 1.0 if holds else 0.0, shown, exact=True)


def _turned(one: Estimate, sign: int) -> Estimate:
    return one._replace(mean=sign * one.mean)


def _above(one: Estimate, limit: float) -> float:
    """The one-sided p-value for a truth above a limit."""
    over = one._replace(mean=one.mean - limit)
    half = p_value(over) / 2
    return half if over.mean > 0 else 1 - half


def _below(one: Estimate, limit: float) -> float:
    return _above(_turned(one, -1), -limit)
