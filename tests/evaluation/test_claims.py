"""Laws of the verdicts on claims."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.evaluation.claims import at_least, at_most, better, equal, judge
from assay.evaluation.intervals import Measured

SEEDS, IMAGES = 4, 400


def answers(*shares, seeds=SEEDS, seed=0):
    """Accuracies of variants whose seeds are right so often, each by itself."""
    random = np.random.default_rng(seed)
    for share in shares:
        yield Measured.of_right(random.random((seeds, IMAGES)) < share)


def exact(value):
    return Measured(np.array([value, value]), np.zeros((2, 0)), 0.0)


def verdicts(*tested):
    return [one.verdict for one in judge(tested, 0.95)]


def test_what_is_so_is_supported_and_what_is_not_is_refuted():
    high, low, lower = answers(0.95, 0.8, 0.6)
    assert verdicts(better(high, [low], sign=1, exact=False)) == ["supported"]
    assert verdicts(better(low, [high], sign=1, exact=False)) == ["refuted"]
    assert verdicts(better(low, [high], sign=-1, exact=False)) == ["supported"]
    assert verdicts(better(high, [low, lower], sign=1, exact=False)) == ["supported"]
    assert verdicts(better(low, [high, lower], sign=1, exact=False)) == ["refuted"]
    assert verdicts(equal([high, low], 0.02, exact=False)) == ["refuted"]
    assert verdicts(equal([high, low], 0.5, exact=False)) == ["supported"]
    assert verdicts(at_most(low, 0.9, exact=False)) == ["supported"]
    assert verdicts(at_most(high, 0.9, exact=False)) == ["refuted"]
    assert verdicts(at_least(high, 0.9, exact=False)) == ["supported"]
    assert verdicts(at_least(low, 0.9, exact=False)) == ["refuted"]


def test_what_the_data_cannot_tell_is_undecided():
    one, two, three = answers(0.9, 0.9, 0.9)
    assert verdicts(better(one, [two], sign=1, exact=False)) == ["undecided"]
    assert verdicts(better(one, [two, three], sign=1, exact=False)) == ["undecided"]
    assert verdicts(equal([one, two, three], 0.001, exact=False)) == ["undecided"]
    assert verdicts(at_least(one, 0.9, exact=False)) == ["undecided"]


def test_one_seed_decides_nothing_but_what_is_exact():
    high, low = answers(0.99, 0.5, seeds=1)
    assert verdicts(better(high, [low], sign=1, exact=False)) == ["undecided"]
    small, large = (Measured(np.array([n]), np.zeros((1, 0)), 0.0) for n in (1e6, 2e6))
    assert verdicts(better(small, [large], sign=-1, exact=True)) == ["supported"]


@pytest.mark.parametrize(
    ("tested", "verdict"),
    [
        (better(exact(1.0), [exact(1.0)], sign=-1, exact=True), "refuted"),
        (equal([exact(3.0), exact(3.0)], 0.0, exact=True), "supported"),
        (equal([exact(3.0), exact(4.0)], 0.5, exact=True), "refuted"),
        (at_most(exact(3.0), 3.0, exact=True), "supported"),
        (at_least(exact(3.0), 3.1, exact=True), "refuted"),
    ],
)
def test_exact_numbers_are_simply_compared(tested, verdict):
    assert verdicts(tested) == [verdict]


@given(st.integers(0, 1000), st.floats(0.6, 0.95))
def test_a_claim_and_its_opposite_have_opposite_verdicts(seed, share):
    one, two = answers(share, 0.8, seed=seed)
    [this] = verdicts(better(one, [two], sign=1, exact=False))
    [other] = verdicts(better(two, [one], sign=1, exact=False))
    opposite = {"supported": "refuted", "refuted": "supported", "undecided": "undecided"}
    assert other == opposite[this]


def test_a_claim_among_many_needs_more():
    one, two = answers(0.94, 0.9, seed=1)
    claim = better(one, [two], sign=1, exact=False)
    dull = [at_least(three, 0.8, exact=False) for three in answers(*[0.8] * 40, seed=2)]
    [alone], [among, *_] = judge([claim], 0.95), judge([claim, *dull], 0.95)
    assert alone.p == among.p
    assert alone.p_holm == alone.p
    assert among.p_holm == pytest.approx(min(1.0, 41 * among.p), rel=0.1)
    assert (alone.verdict, among.verdict) == ("supported", "undecided")


def test_no_claims_have_no_verdicts():
    assert judge([], 0.95) == []


def test_shown_is_the_comparison_that_decides_not_the_one_with_the_closest_mean():
    """The nearest rival is steadily behind; a wild one, further behind, leaves it open."""
    first, near = (np.arange(2000) < right for right in (1600, 1560))
    wild = [np.arange(2000) < right for right in (1300, 1500, 1640)]
    one, close, loose = (
        Measured.of_right(np.array(rows)) for rows in ([first] * 3, [near] * 3, wild)
    )
    [found] = judge([better(one, [close, loose], sign=1, exact=False)], 0.95)
    assert found.verdict == "undecided"
    assert found.shown.mean == pytest.approx(first.mean() - np.mean(wild))
    assert found.shown.low < 0 < found.shown.high


def test_what_is_shown_stays_within_its_bounds():
    sure = Measured.of_right(np.ones((3, 30), bool))
    [found] = judge([at_least(sure, 0.5, exact=False)._replace(bounds=(0.0, 1.0))], 0.95)
    assert found.shown.high == 1.0


def test_one_comparison_of_several_that_speaks_against_a_claim_refutes_it():
    high, low, lower = answers(0.95, 0.8, 0.6)
    assert verdicts(equal([high, high, lower], 0.02, exact=False)) == ["refuted"]
    assert verdicts(better(low, [lower, high], sign=-1, exact=False)) == ["refuted"]


def test_against_so_many_rivals_p_is_so_many_times_that_against_one():
    one, other = answers(0.85, 0.87)
    alone, among = (better(one, [other] * n, sign=1, exact=False) for n in (1, 3))
    assert among.refuted == pytest.approx(3 * alone.refuted)
    two, three = (equal([one, *[other] * n], 0.0, exact=False) for n in (1, 2))
    assert three.refuted == pytest.approx(3 * two.refuted)


def test_p_is_twice_the_one_sided():
    [high] = answers(0.95)
    tested = at_least(high, 0.9, exact=False)
    assert judge([tested], 0.95)[0].p == pytest.approx(2 * tested.supported)


def test_shown_is_the_difference_as_it_was_measured_where_worse_is_claimed_too():
    high, low = answers(0.95, 0.8)
    [one] = judge([better(low, [high], sign=-1, exact=False)], 0.95)
    assert one.shown.mean == pytest.approx(low.values.mean() - high.values.mean())
