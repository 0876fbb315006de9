"""Laws of the paired comparison of variants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from assay.evaluation.compare import beats, compare, holm, mcnemar

pairs = arrays(bool, st.tuples(st.just(2), st.integers(1, 4), st.integers(1, 40)))


@given(pairs)
def test_swapping_two_variants_turns_the_difference_round(answers):
    a, b = answers
    [one], [other] = compare({"a": a, "b": b}, 0.95), compare({"b": b, "a": a}, 0.95)
    assert one.difference == pytest.approx(-other.difference)
    assert (one.low, one.high) == (pytest.approx(-other.high), pytest.approx(-other.low))
    assert one.p == pytest.approx(other.p)


@given(pairs)
def test_the_difference_is_that_of_the_mean_accuracies(answers):
    a, b = answers
    [one] = compare({"a": a, "b": b}, 0.95)
    assert one.difference == pytest.approx(a.mean() - b.mean())
    assert -1 <= one.low <= one.difference <= one.high <= 1
    assert (one.seeds, one.images) == a.shape


@given(pairs, st.sampled_from([0.8, 0.95, 0.99]))
def test_the_verdict_on_one_pair_agrees_with_its_interval(answers, confidence):
    a, b = answers
    [one] = compare({"a": a, "b": b}, confidence)
    sure = {"a is better": one.low > 0, "b is better": one.high < 0}
    assert sure.get(one.verdict, one.low <= 0 <= one.high or one.seeds == 1)


def test_one_seed_decides_nothing():
    right, wrong = np.ones((2, 500), bool), np.zeros((2, 500), bool)
    [one] = compare({"a": right[:1], "b": wrong[:1]}, 0.95)
    [two] = compare({"a": right, "b": wrong}, 0.95)
    assert (one.verdict, two.verdict) == ("undecided", "a is better")


def test_a_variant_is_undecided_against_itself_and_never_equal_for_certain():
    right = np.ones((2, 50), bool)
    [one] = compare({"a": right, "b": right}, 0.95)
    assert (one.difference, one.p, one.verdict) == (0, 1, "undecided")
    assert one.low < 0 < one.high


def test_with_one_seed_the_p_value_is_close_to_that_of_mcnemars_test():
    a, b = np.ones((1, 2000), bool), np.ones((1, 2000), bool)
    a[:, :60], b[:, 60:150] = False, False  # 90 images go to a, 60 to b
    [one] = compare({"a": a, "b": b}, 0.95)
    assert one.p == pytest.approx(2 * stats.norm.sf((90 - 60) / np.sqrt(90 + 60)), rel=0.1)


@given(pairs)
def test_within_each_seed_it_is_the_sign_test_of_the_images_that_one_alone_got_right(answers):
    for a, b, p in zip(*answers, mcnemar(*answers), strict=True):
        alone = (a & ~b).sum(), (b & ~a).sum()
        exact = stats.binomtest(int(alone[0]), int(sum(alone))).pvalue if sum(alone) else 1.0
        assert p == pytest.approx(exact)


def test_many_images_that_one_variant_alone_gets_right_decide():
    a, b = np.ones((2, 200), bool), np.ones((2, 200), bool)
    b[:, :40] = False
    [one] = compare({"a": a, "b": b}, 0.95)
    assert one.verdict == "a is better"


def test_images_in_another_order_for_all_change_nothing():
    chance = np.random.default_rng(0)
    right = {name: chance.random((3, 100)) < 0.8 for name in "abc"}
    order = chance.permutation(100)
    shuffled = {name: rows[:, order] for name, rows in right.items()}
    for one, other in zip(compare(right, 0.95), compare(shuffled, 0.95), strict=True):
        assert one.p == pytest.approx(other.p)


def test_variants_judged_on_unlike_images_are_refused():
    with pytest.raises(ValueError, match="same seeds and images"):
        compare({"a": np.ones((2, 5), bool), "b": np.ones((2, 6), bool)}, 0.95)


def test_holm_gives_the_textbook_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_raises_every_p_keeps_the_order_and_at_most_multiplies_by_their_number(given_p):
    raised = holm(given_p)
    for p, q in zip(given_p, raised, strict=True):
        assert p <= q <= min(1.0, len(given_p) * max(given_p))
    order = np.argsort(given_p, kind="stable")
    assert (np.diff(np.array(raised)[order]) >= 0).all()
    if given_p:
        smallest = min(given_p)
        assert min(raised) == pytest.approx(min(1.0, smallest * len(given_p)))


def test_equal_variants_are_seldom_told_apart():
    """Crossed images and seeds of one truth: at most 5% false findings, give or take the draw."""
    chance = np.random.default_rng(1)
    found = 0
    for _ in range(300):
        hard = chance.normal(2, 1, 200)  # images, shared by both variants and all seeds
        a, b = (hard + chance.normal(0, 1, (3, 200)) > 0.5 for _ in range(2))
        found += compare({"a": a, "b": b}, 0.95)[0].verdict != "undecided"
    assert found <= 300 * 0.05 + 3 * np.sqrt(300 * 0.05 * 0.95)


def test_seeds_that_disagree_widen_the_interval_of_a_pair():
    right, wrong = np.ones(300, bool), np.arange(300) < 240  # right, and right four times in five
    even = np.arange(300) % 10 != 0  # right nine times in ten
    steady = compare({"a": np.stack([right] * 3), "b": np.stack([even] * 3)}, 0.95)[0]
    mixed = compare({"a": np.stack([right] * 3), "b": np.stack([right, even, wrong])}, 0.95)[0]
    assert steady.difference == pytest.approx(mixed.difference)
    by_seed = np.array([0.0, 0.1, 0.2])
    t_part = 4.302652729911275 * by_seed.std(ddof=1) / np.sqrt(3)  # Student's t, 2 degrees
    assert mixed.high - mixed.difference > t_part > steady.high - steady.difference


def test_by_chance_alone_few_answers_beat_the_commonest_class():
    hits = np.random.default_rng(0).binomial(200, 0.3, 4000) / 200
    false = np.mean([beats(one, 200, 0.3, 0.95) for one in hits])
    assert 0.02 < false < 0.06  # exact, so at most 0.05 but for the sample
    assert not beats(0.3, 200, 0.3, 0.95)
    assert beats(0.4, 200, 0.3, 0.95)
    assert not beats(0.4, 20, 0.3, 0.95)
    assert not beats(0.0, 1, 0.0, 0.95)
