"""Laws of the interval around a mean over seeds and images."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assay.evaluation.intervals import Estimate, Measured, half_width, interval, p_value

errors = st.floats(0, 0.1)
estimates = st.builds(Estimate, st.floats(-0.9, 0.9), st.integers(2, 9), errors, errors)


def measured(right):
    """Accuracy from which images each seed got right."""
    return Measured.of_right(np.asarray(right, bool))


def test_one_seed_is_the_normal_interval_of_its_images_and_has_no_deviation():
    one = interval(Estimate(0.9, 1, 0.0, 0.02), 0.95)
    low, high = stats.norm.interval(0.95, 0.9, 0.02)
    assert (one.low, one.high) == (pytest.approx(low), pytest.approx(high))
    assert one.std is None
    assert one.n == 1


def test_without_image_error_it_is_students_interval_of_the_seeds():
    values = np.array([0.91, 0.93, 0.90, 0.95])
    one = interval(Measured(values, np.zeros((4, 9)), doubt=0.0).estimate, 0.9)
    low, high = stats.t.interval(0.9, 3, stats.tmean(values), stats.sem(values))
    assert (one.low, one.high) == (pytest.approx(low), pytest.approx(high))
    assert one.std == pytest.approx(stats.tstd(values))


def test_images_that_all_seeds_find_hard_are_in_doubt_however_many_seeds():
    right = np.arange(200) < 180
    few, many = (measured(np.tile(right, (n, 1))).estimate for n in (2, 20))
    assert few.image_error == pytest.approx(many.image_error)
    assert few.image_error == pytest.approx(math.sqrt(0.9 * 0.1 / 200 + 2 / 204**2))


def test_mistakes_that_each_seed_makes_by_itself_are_counted_once():
    random = np.random.default_rng(0)
    found = [measured(random.random((6, 400)) < 0.8).estimate for _ in range(300)]
    truth = math.sqrt(0.8 * 0.2 / 400 / 6)  # the error of 2400 answers
    assert np.mean([one.seed_error**2 for one in found]) == pytest.approx(truth**2, rel=0.15)
    assert np.mean([one.image_error**2 for one in found]) < 0.5 * truth**2


def test_a_share_that_is_always_right_is_in_doubt_still_and_the_more_so_the_fewer_images():
    few, many = (measured(np.ones((3, n))).estimate.image_error for n in (20, 200))
    assert few > many > 0
    assert Measured(np.ones(3), np.zeros((3, 20)), doubt=0.0).estimate.image_error == 0


def test_a_difference_is_that_of_each_seed_and_image():
    random = np.random.default_rng(0)
    one, other = (random.random((3, 50)) < share for share in (0.9, 0.7))
    found = measured(one).minus(measured(other))
    assert found.values == pytest.approx(one.mean(1) - other.mean(1))
    apart = one.astype(float) - other
    assert found.influences == pytest.approx((apart - apart.mean(1, keepdims=True)) / 50)
    with pytest.raises(ValueError, match="same seeds and images"):
        measured(one).minus(measured(other[:2]))


@given(st.floats(0.05, 0.95), st.integers(2, 6), errors, errors)
def test_seeds_and_images_together_are_wider_than_either_and_narrower_than_their_sum(
    mean, n, seed_error, image_error
):
    both = half_width(Estimate(mean, n, seed_error, image_error), 0.05)
    seeds = half_width(Estimate(mean, n, seed_error, 0.0), 0.05)
    images = half_width(Estimate(mean, n, 0.0, image_error), 0.05)
    assert max(seeds, images) - 1e-12 <= both <= seeds + images + 1e-12


@given(estimates)
def test_an_interval_holds_its_mean_and_stays_within_its_bounds(one):
    found = interval(one, 0.99, (-1.0, 1.0))
    assert -1 <= found.low <= found.mean <= found.high <= 1


@given(st.floats(1e-9, 0.4), st.integers(2, 20))
def test_a_surer_interval_is_wider(alpha, seeds):
    one = Estimate(0.5, seeds, 0.01, 0.01)
    assert half_width(one, alpha) > half_width(one, alpha * 1.1)


def test_no_spread_at_all_leaves_no_width():
    assert half_width(Estimate(0.5, 3, 0.0, 0.0), 0.05) == 0
    assert math.isfinite(half_width(Estimate(0.5, 2, 0.1, 0.1), 1e-12))


@given(st.floats(1e-3, 0.5), st.floats(0, 0.1), st.integers(2, 9), st.floats(1e-4, 0.1))
def test_the_interval_at_the_p_value_just_touches_zero(difference, seed_error, seeds, image_error):
    one = Estimate(difference, seeds, seed_error, image_error)
    p = p_value(one)
    assert p == 1e-12 or half_width(one, p) == pytest.approx(difference, rel=1e-4)


@pytest.mark.parametrize("images", [1, 2])
def test_one_or_two_images_tell_nothing_of_others(images):
    one = measured(np.ones((3, images))).estimate
    found = interval(one, 0.95, (0.0, 1.0))
    assert (found.low, found.high) == (0.0, 1.0)
    assert p_value(one) == 1.0


def test_what_has_no_error_by_images_has_no_interval():
    found = interval(Measured(np.array([0.1, 0.2]), np.zeros((2, 0)), math.nan).estimate, 0.95)
    assert found.mean == pytest.approx(0.15)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
