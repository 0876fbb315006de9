"""Laws of the scores: scikit-learn's, on predictions of every sort."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from assay.evaluation.scores import (
    calibration_error,
    confusion,
    image_errors,
    judged,
    losses,
    per_class,
    ranks,
    scores,
)


@st.composite
def answers(draw, least_classes=2, most_classes=8):
    """Probabilities and labels; classes may be absent, unpredicted or both."""
    k, n = draw(st.integers(least_classes, most_classes)), draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    shares = random.dirichlet(np.full(k, draw(st.sampled_from([0.3, 1.0, 10.0]))), n)
    shares = (shares + random.uniform(1e-6, 2e-6, shares.shape)).astype(np.float32)  # no ties
    shares /= shares.sum(1, keepdims=True)
    present = random.permutation(k)[: draw(st.integers(1, k))]
    return shares, random.choice(present, n)


def certain(predictions, k):
    return np.eye(k, dtype=np.float32)[np.array(predictions)]


@settings(deadline=None)
@given(answers())
def test_scores_of_hits_are_scikit_learns(given):
    shares, labels = given
    found, predictions = scores(shares, labels, bins=10), shares.argmax(1)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(labels, predictions))
    present = sorted(set(labels.tolist()))  # where scikit-learn would warn of others
    balanced = metrics.recall_score(labels, predictions, labels=present, average="macro")
    assert found["balanced_accuracy"] == pytest.approx(balanced)
    for average in ("macro", "micro", "weighted"):
        for name in ("precision", "recall", "f1"):
            score = getattr(metrics, f"{name}_score")
            expected = score(labels, predictions, average=average, zero_division=0)
            assert found[f"{name}_{average}"] == pytest.approx(expected)


@settings(deadline=None)
@given(answers())
def test_the_loss_is_scikit_learns(given):
    shares, labels = given
    wide = shares / shares.sum(1, keepdims=True, dtype=float)
    expected = metrics.log_loss(labels, wide, labels=range(shares.shape[1]))
    assert scores(shares, labels, bins=10)["loss"] == pytest.approx(expected, rel=1e-5, abs=1e-6)


@settings(deadline=None)
@given(answers(least_classes=6, most_classes=9))
def test_top5_accuracy_is_scikit_learns(given):
    shares, labels = given
    expected = metrics.top_k_accuracy_score(labels, shares, k=5, labels=range(shares.shape[1]))
    assert scores(shares, labels, bins=10)["top5_accuracy"] == pytest.approx(expected)


@settings(deadline=None)
@given(answers())
def test_top5_accuracy_is_told_of_six_classes_or_more(given):
    shares, labels = given
    assert ("top5_accuracy" in scores(shares, labels, bins=10)) == (shares.shape[1] >= 6)


@settings(deadline=None)
@given(answers())
def test_the_confusion_has_true_classes_in_rows(given):
    shares, labels = given
    expected = np.zeros((shares.shape[1],) * 2, int)
    for label, share in zip(labels, shares, strict=True):
        expected[label, share.argmax()] += 1
    assert confusion(shares, labels) == expected.tolist()


@settings(deadline=None)
@given(answers())
def test_the_scores_of_a_class_follow_from_the_confusion(given):
    shares, labels = given
    counts = np.array(confusion(shares, labels))
    names = [f"class {k}" for k in range(shares.shape[1])]
    found = per_class(shares, labels, names)
    assert list(found) == names
    for k, one in enumerate(found.values()):
        hits, given_k, said_k = counts[k, k], counts[k].sum(), counts[:, k].sum()
        assert one["images"] == given_k
        assert one["recall"] == pytest.approx(hits / given_k if given_k else 0)
        assert one["precision"] == pytest.approx(hits / said_k if said_k else 0)
        assert one["f1"] == pytest.approx(2 * hits / (given_k + said_k) if hits else 0)


@settings(deadline=None)
@given(answers(), st.integers(1, 20))
def test_the_calibration_error_is_that_of_a_plain_loop(given, bins):
    shares, labels = given
    total = 0.0
    for one in range(bins):
        inside = [
            (float(share.max()), share.argmax() == label)
            for share, label in zip(shares, labels, strict=True)
            if math.floor(float(share.max()) * bins) == one
            or (one == bins - 1 and float(share.max()) >= 1)
        ]
        if inside:
            confidence = sum(share for share, _ in inside) / len(inside)
            accuracy = sum(hit for _, hit in inside) / len(inside)
            total += len(inside) / len(labels) * abs(accuracy - confidence)
    assert calibration_error(shares, labels, bins=bins) == pytest.approx(total)


def test_certainty_is_calibrated_when_right_and_not_when_wrong():
    right, wrong = certain([0, 1, 2], 3), certain([1, 2, 0], 3)
    labels = np.arange(3)
    assert calibration_error(right, labels, bins=15) == 0
    assert calibration_error(wrong, labels, bins=15) == 1


@settings(deadline=None)
@given(answers(), st.randoms(use_true_random=False))
def test_the_order_of_the_images_does_not_matter(given, shuffle):
    shares, labels = given
    order = list(range(len(labels)))
    shuffle.shuffle(order)
    moved = scores(shares[order], labels[order], bins=10)
    assert moved == pytest.approx(scores(shares, labels, bins=10))


def test_answers_that_are_all_wrong_score_0():
    found = scores(certain([1, 2, 0], 3), np.arange(3), bins=10)
    assert found.pop("loss") == pytest.approx(-math.log(1e-12))
    assert found.pop("calibration_error") == 1
    assert set(found.values()) == {0.0}


def test_answers_that_are_all_right_score_1():
    found = scores(certain(range(7), 7), np.arange(7), bins=10)
    assert found.pop("loss") == found.pop("calibration_error") == 0
    assert set(found.values()) == {1.0}


def test_a_certain_mistake_has_a_finite_loss():
    assert losses(certain([1], 2), np.array([0])) == pytest.approx([-math.log(1e-12)])


def test_of_equally_probable_classes_the_first_is_the_answer():
    even = np.full((4, 4), 0.25, np.float32)
    labels = np.arange(4)
    assert ranks(even, labels).tolist() == [0, 1, 2, 3]
    assert scores(even, labels, bins=10)["accuracy"] == 0.25


@settings(deadline=None)
@given(answers())
def test_the_first_rank_is_a_hit(given):
    shares, labels = given
    assert ((ranks(shares, labels) == 0) == (shares.argmax(1) == labels)).all()


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_the_image_error_of_accuracy_is_the_binomials(share):
    n = 400
    right = np.arange(n) < share * n
    labels = np.zeros(n, int)
    found = image_errors(certain(np.where(right, 0, 1), 2), labels, bins=10, draws=400, seed=0)
    # 400 draws give a standard error to 3.5%: four of those.
    assert found["accuracy"] == pytest.approx(math.sqrt(share * (1 - share) / n), rel=0.14)


def test_image_errors_are_the_same_from_the_same_seed_alone():
    random = np.random.default_rng(0)
    shares, labels = random.dirichlet(np.ones(3), 30), random.integers(0, 3, 30)
    first, again, other = (
        image_errors(shares, labels, bins=10, draws=20, seed=seed) for seed in (0, 0, 1)
    )
    assert again == first
    assert other != first


def test_a_perfect_share_is_in_doubt_still_and_the_more_so_the_fewer_images():
    few, many = (
        image_errors(certain([0] * n, 2), np.zeros(n, int), bins=10, draws=20, seed=0)
        for n in (20, 200)
    )
    assert few["accuracy"] > many["accuracy"] > 0
    assert few["f1_macro"] == few["accuracy"]
    assert few["loss"] == few["calibration_error"] == 0


def test_the_interval_of_a_high_accuracy_covers_the_truth():
    n, truth, z = 300, 0.99, 1.96
    hits = np.random.default_rng(0).binomial(n, truth, 400)
    covered = 0
    for found in hits:
        right = np.where(np.arange(n) < found, 0, 1)
        errors = image_errors(certain(right, 2), np.zeros(n, int), bins=10, draws=2, seed=0)
        covered += abs(found / n - truth) <= z * errors["accuracy"]
    assert covered / len(hits) > 0.92  # the plain binomial error: 0.80


@settings(deadline=None, max_examples=5)
@given(answers())
def test_all_that_is_said_of_a_split_is_json_without_nan(given):
    shares, labels = given
    names = [str(k) for k in range(shares.shape[1])]
    found = judged(shares, labels, names, bins=10)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["images"] == len(labels)
    assert set(found["image_error"]) == set(found["scores"])
