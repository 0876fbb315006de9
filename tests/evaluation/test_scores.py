"""Laws of the scores: scikit-learn's, on predictions of every sort."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from assay.evaluation.scores import confusion, doubt_of, outcomes, per_class, scores
from assay.params.quantities import SCORES


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


def values(shares, labels, bins=10):
    return {name: one.value for name, one in scores(outcomes(shares, labels), bins=bins).items()}


@settings(deadline=None)
@given(answers())
def test_scores_of_hits_are_scikit_learns(given):
    shares, labels = given
    found, predictions = values(shares, labels), shares.argmax(1)
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
    assert values(shares, labels)["loss"] == pytest.approx(expected, rel=1e-5, abs=1e-6)


@settings(deadline=None)
@given(answers(least_classes=6, most_classes=9))
def test_top5_accuracy_is_scikit_learns(given):
    shares, labels = given
    expected = metrics.top_k_accuracy_score(labels, shares, k=5, labels=range(shares.shape[1]))
    assert values(shares, labels)["top5_accuracy"] == pytest.approx(expected)


@settings(deadline=None)
@given(answers())
def test_top5_accuracy_is_told_of_six_classes_or_more(given):
    shares, labels = given
    assert ("top5_accuracy" in values(shares, labels)) == (shares.shape[1] >= 6)


@settings(deadline=None)
@given(answers())
def test_the_confusion_has_true_classes_in_rows(given):
    shares, labels = given
    expected = np.zeros((shares.shape[1],) * 2, int)
    for label, share in zip(labels, shares, strict=True):
        expected[label, share.argmax()] += 1
    assert confusion(outcomes(shares, labels)).tolist() == expected.tolist()


@settings(deadline=None)
@given(answers())
def test_the_scores_of_a_class_follow_from_the_confusion(given):
    shares, labels = given
    counts = confusion(outcomes(shares, labels))
    names = [f"class {k}" for k in range(shares.shape[1])]
    found = per_class(outcomes(shares, labels), names)
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
    assert values(shares, labels, bins)["calibration_error"] == pytest.approx(total)


def test_certainty_is_calibrated_when_right_and_not_when_wrong():
    right, wrong = certain([0, 1, 2], 3), certain([1, 2, 0], 3)
    labels = np.arange(3)
    assert values(right, labels)["calibration_error"] == 0
    assert values(wrong, labels)["calibration_error"] == 1


@settings(deadline=None)
@given(answers(), st.randoms(use_true_random=False))
def test_the_order_of_the_images_does_not_matter(given, shuffle):
    shares, labels = given
    order = list(range(len(labels)))
    shuffle.shuffle(order)
    moved = values(shares[order], labels[order])
    assert moved == pytest.approx(values(shares, labels))


def test_answers_that_are_all_wrong_score_0():
    found = values(certain([1, 2, 0], 3), np.arange(3))
    assert found.pop("loss") == pytest.approx(-math.log(1e-12))
    assert found.pop("calibration_error") == 1
    assert set(found.values()) == {0.0}


def test_answers_that_are_all_right_score_1():
    found = values(certain(range(7), 7), np.arange(7))
    assert found.pop("loss") == found.pop("calibration_error") == 0
    assert set(found.values()) == {1.0}


def test_a_certain_mistake_has_a_finite_loss():
    assert outcomes(certain([1], 2), np.array([0])).losses == pytest.approx([-math.log(1e-12)])


def test_of_equally_probable_classes_the_first_is_the_answer():
    even = np.full((4, 4), 0.25, np.float32)
    labels = np.arange(4)
    assert outcomes(even, labels).ranks.tolist() == [0, 1, 2, 3]
    assert values(even, labels)["accuracy"] == 0.25


@settings(deadline=None)
@given(answers())
def test_the_first_rank_is_a_hit(given):
    shares, labels = given
    of = outcomes(shares, labels)
    assert ((of.ranks == 0) == of.hits).all()


def weighted(of, weights, name):
    """Any score by its definition, each image counted so often."""
    labels, predictions = of.labels, of.predictions
    if name in {"accuracy", "precision_micro", "recall_micro", "f1_micro"}:
        return np.average(of.hits, weights=weights)
    if name == "loss":
        return np.average(of.losses, weights=weights)
    if name == "top5_accuracy":
        return np.average(of.ranks < 5, weights=weights)
    present = sorted(set(labels.tolist()))
    words = {"labels": present, "average": "macro"} if name == "balanced_accuracy" else {}
    kind, _, average = name.rpartition("_")
    kind = "recall" if words else kind
    words = words or {"average": average}
    score = getattr(metrics, f"{kind}_score")
    return score(labels, predictions, sample_weight=weights, zero_division=0, **words)


def influenced(found):
    """All scores but the calibration error, whose bias no influence tells of."""
    assert {name for name, one in found.items() if one.influence is None} == {"calibration_error"}
    return [(name, one) for name, one in found.items() if name != "calibration_error"]


@settings(deadline=None, max_examples=30)
@given(answers(), st.integers(0, 39))
def test_the_influence_of_an_image_is_what_its_weight_does_to_the_score(given, image):
    of, step = outcomes(*given), 1e-6
    image %= len(of.labels)
    for name, one in influenced(scores(of, bins=7)):
        more, less = np.ones(len(of.labels)), np.ones(len(of.labels))
        more[image], less[image] = 1 + step, 1 - step
        slope = (weighted(of, more, name) - weighted(of, less, name)) / (2 * step)
        assert one.influence[image] == pytest.approx(slope, abs=1e-5), name
        assert weighted(of, np.ones(len(of.labels)), name) == pytest.approx(one.value, abs=1e-6)


@settings(deadline=None)
@given(answers())
def test_more_of_every_image_moves_no_score(given):
    for name, one in influenced(scores(outcomes(*given), bins=7)):
        assert one.influence.sum() == pytest.approx(0, abs=1e-9), name


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_the_influences_of_accuracy_make_the_error_of_a_binomial(share):
    n = 400
    right = np.where(np.arange(n) < share * n, 0, 1)
    found = scores(outcomes(certain(right, 2), np.zeros(n, int)), bins=10)["accuracy"]
    assert (found.influence**2).sum() == pytest.approx(share * (1 - share) / n)


def test_the_influences_make_the_variance_of_a_bootstrap():
    random = np.random.default_rng(0)
    shares, labels = random.dirichlet(np.full(4, 0.5), 600), random.integers(0, 4, 600)
    labels = np.where(random.random(600) < 0.6, shares.argmax(1), labels)
    drawn = []
    for _ in range(400):
        rows = random.integers(0, 600, 600)
        drawn.append(values(shares[rows], labels[rows]))
    for name, one in influenced(scores(outcomes(shares, labels), bins=10)):
        spread = np.std([some[name] for some in drawn], ddof=1)
        # 400 draws give a deviation to 3.5%: four of those, and what a bend in the score adds
        error = np.sqrt((one.influence**2).sum())
        assert error == pytest.approx(spread, rel=0.15), name


def test_a_rare_class_that_is_always_right_leaves_macro_averages_in_doubt_and_accuracy_not():
    labels = np.repeat([0, 1], [1000, 5])
    found = scores(outcomes(certain(labels, 2), labels), bins=10)
    for name in ("balanced_accuracy", "recall_macro", "precision_macro"):
        assert found[name].doubt == pytest.approx((2 / 1004**2 + 2 / 9**2) / 4)
    assert found["accuracy"].doubt == found["recall_weighted"].doubt == doubt_of(1005)
    assert found["loss"].doubt == 0


def test_of_equally_probable_classes_the_first_comes_first_also_among_five():
    """As for the answer itself; scikit-learn's top-k takes the last."""
    of = outcomes(np.full((6, 6), 1 / 6), np.arange(6))
    assert of.ranks.tolist() == [0, 1, 2, 3, 4, 5]
    assert scores(of, bins=5)["top5_accuracy"].value == pytest.approx(5 / 6)
    assert scores(of, bins=5)["accuracy"].value == pytest.approx(1 / 6)


def test_claims_may_name_every_score_but_accuracys_other_names_and_what_cannot_be_judged():
    found = {*scores(outcomes(certain(range(7), 7), np.arange(7)), bins=10)}
    micro = {name for name in found if name.endswith("_micro")}
    assert {*SCORES} == found - micro - {"calibration_error"}
