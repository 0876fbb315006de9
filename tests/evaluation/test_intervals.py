"""Laws of the interval around a mean over seeds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assay.evaluation.intervals import half_width, interval

shares = st.floats(0.05, 0.95)
errors = st.floats(0, 0.1)


def test_one_seed_is_the_normal_interval_of_its_images_and_has_no_deviation():
    one = interval([0.9], [0.02], confidence=0.95)
    low, high = stats.norm.interval(0.95, 0.9, 0.02)
    assert (one.low, one.high) == (pytest.approx(low), pytest.approx(high))
    assert one.std is None
    assert one.n == 1


def test_without_image_error_it_is_students_interval_of_the_seeds():
    values = [0.91, 0.93, 0.90, 0.95]
    one = interval(values, [0.0] * 4, confidence=0.9)
    low, high = stats.t.interval(0.9, 3, stats.tmean(values), stats.sem(values))
    assert (one.low, one.high) == (pytest.approx(low), pytest.approx(high))
    assert one.std == pytest.approx(stats.tstd(values))


def test_more_seeds_do_not_shrink_the_image_error():
    few, many = (interval([0.9] * n, [0.02] * n, confidence=0.95) for n in (2, 20))
    assert (few.low, few.high) == (many.low, many.high)


@given(st.lists(shares, min_size=2, max_size=6), errors)
def test_seeds_and_images_together_are_wider_than_either_and_narrower_than_their_sum(values, error):
    n = len(values)
    both = interval(values, [error] * n, confidence=0.95)
    seeds = interval(values, [0.0] * n, confidence=0.95)
    images = interval([both.mean], [error], confidence=0.95)
    widths = [one.high - one.low for one in (both, seeds, images)]
    assert max(widths[1:]) - 1e-12 <= widths[0] <= widths[1] + widths[2] + 1e-12


@given(st.lists(shares, min_size=1, max_size=6), errors)
def test_an_interval_holds_its_mean_and_stays_within_its_bounds(values, error):
    one = interval(values, [error] * len(values), confidence=0.99, bounds=(0.0, 1.0))
    assert 0 <= one.low <= one.mean <= one.high <= 1


@given(st.floats(1e-9, 0.4), st.integers(2, 20))
def test_a_surer_interval_is_wider(alpha, seeds):
    assert half_width(0.01, seeds, 0.01, alpha) > half_width(0.01, seeds, 0.01, alpha * 1.1)


def test_no_spread_at_all_leaves_no_width():
    assert half_width(0.0, 3, 0.0, 0.05) == 0
    assert math.isfinite(half_width(0.1, 2, 0.1, 1e-12))
