"""Scores of answers against labels, by scikit-learn's definitions, and what each image adds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

Probabilities = Float[np.ndarray, "n k"]
Labels = Int[np.ndarray, " n"]
Each = Float[np.ndarray, " n"]
TINY = 1e-12  # the least probability that a loss takes


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What a network said of labelled images, an entry an image, and of how many classes.

    `losses` are cross-entropies in nats, `ranks` how many classes came before the true one.
    """

    labels: Labels
    predictions: Labels
    confidences: Each
    losses: Each
    ranks: Labels
    classes: int

    @property
    def hits(self) -> Bool[np.ndarray, " n"]:
        """Which answers are right."""
        return self.predictions == self.labels


class Score(NamedTuple):
    """A score, and by how much the weight of each image moves it; None where that says too little.

    The sum of the squares of `influence` is the score's variance by the choice of images: the
    infinitesimal jackknife (Efron 1982, doi:10.1137/1.9781611970319). `doubt` is a variance on top
    of it (`doubt_of`).
    """

    value: float
    influence: Each | None
    doubt: float = 0.0


def doubt_of(images: Float[np.ndarray, "..."] | float) -> Any:
    """The variance of a share by two images more on either side: what is always right is not sure.

    It is the idea of Agresti and Coull (1998, doi:10.1080/00031305.1998.10480550).
    """
    return 2 / (images + 4) ** 2


def outcomes(probabilities: Probabilities, labels: Labels) -> Outcomes:
    """The first of equally probable classes is the answer; probabilities under 1e-12 cost that."""
    rows = np.arange(len(labels))
    own = probabilities[rows, labels]
    ties = (probabilities == own[:, None]) & (np.arange(probabilities.shape[1]) < labels[:, None])
    return Outcomes(
        labels=labels,
        predictions=probabilities.argmax(1),
        confidences=probabilities.max(1, initial=0),
        losses=-np.log(np.maximum(own.astype(np.float64), TINY)),
        ranks=(probabilities > own[:, None]).sum(1) + ties.sum(1),
        classes=probabilities.shape[1],
    )


def scores(of: Outcomes, *, bins: int) -> dict[str, Score]:
    """Every score of one split, as fractions; `loss` is the mean cross-entropy in nats.

    Macro averages are over the classes that occur in labels or predictions; a class that is never
    predicted has precision 0. `top5_accuracy` is there with six classes or more; of those equally
    probable the first counts first, as for the answer (scikit-learn's counts the last).
    """
    accuracy, sure = _mean(of.hits), doubt_of(len(of.hits))
    accuracy = accuracy._replace(doubt=sure)
    table = confusion(of)
    images, said = table.sum(1), table.sum(0)
    found = {
        "accuracy": accuracy,
        "balanced_accuracy": _average(RECALL(table), of, images > 0),
        "loss": _mean(of.losses),
        "calibration_error": Score(_calibration_error(of, bins), None),
    }
    if of.classes > 5:
        found["top5_accuracy"] = _mean(of.ranks < 5)._replace(doubt=sure)
    for name, ratio in {"precision": PRECISION, "recall": RECALL, "f1": F1}.items():
        by_class = ratio(table)
        found[f"{name}_macro"] = _average(by_class, of, images + said > 0)
        found[f"{name}_micro"] = accuracy
        found[f"{name}_weighted"] = _weighted(by_class, of, images)._replace(doubt=sure)
    return found


def per_class(of: Outcomes, names: list[str]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and the number of images of each class."""
    table = confusion(of)
    kinds = {"precision": PRECISION, "recall": RECALL, "f1": F1}
    found = {kind: ratio(table).values for kind, ratio in kinds.items()}
    images = table.sum(1)
    return {
        name: {kind: float(values[k]) for kind, values in found.items()}
        | {"images": int(images[k])}
        for k, name in enumerate(names)
    }


def confusion(of: Outcomes) -> Int[np.ndarray, "k k"]:
    """Counts by true class (rows) and predicted class (columns)."""
    places = of.labels.astype(np.int64) * of.classes + of.predictions
    counts = np.bincount(places, minlength=of.classes**2)
    square: Int[np.ndarray, "k k"] = counts.reshape(of.classes, of.classes)
    return square


class _ByClass(NamedTuple):
    """A ratio for each class, and of how many; what a hit, image or answer more moves it by."""

    values: Float[np.ndarray, " k"]
    of: Float[np.ndarray, " k"]
    hit: Float[np.ndarray, " k"]
    labelled: Float[np.ndarray, " k"]
    predicted: Float[np.ndarray, " k"]


def _ratio(top: int, labelled: int, predicted: int) -> Callable[[Int[np.ndarray, "k k"]], _ByClass]:
    """Top hits / (labelled images of the class + predicted answers of it); 0 where it has none."""

    def by_class(table: Int[np.ndarray, "k k"]) -> _ByClass:
        hits, images, said = np.diag(table), table.sum(1), table.sum(0)
        below = labelled * images + predicted * said
        each = np.where(below > 0, 1 / np.maximum(below, 1), 0.0)
        values = top * hits * each
        return _ByClass(
            values, below / top, top * each, -labelled * values * each, -predicted * values * each
        )

    return by_class


PRECISION, RECALL, F1 = _ratio(1, 0, 1), _ratio(1, 1, 0), _ratio(2, 1, 1)


def _average(one: _ByClass, of: Outcomes, weights: Shaped[np.ndarray, " k"]) -> Score:
    whole = weights.sum()
    hit, labelled, predicted = (weights * part / whole for part in one[2:])
    influence = hit[of.labels] * of.hits + labelled[of.labels] + predicted[of.predictions]
    doubt = float((weights / whole) ** 2 @ doubt_of(one.of))
    return Score(float(weights @ one.values / whole), influence, doubt)


def _weighted(one: _ByClass, of: Outcomes, images: Int[np.ndarray, " k"]) -> Score:
    """Weights are shares of the images, so that an image also moves its class's."""
    found = _average(one, of, images)
    moved = (one.values - found.value) / images.sum()
    return found._replace(influence=found.influence + moved[of.labels])


def _mean(values: Each | Bool[np.ndarray, " n"]) -> Score:
    mean = float(np.mean(values, dtype=np.float64))
    return Score(mean, (values - mean) / len(values))


def _calibration_error(of: Outcomes, bins: int) -> float:
    """Expected calibration error (Guo et al., arXiv:1706.04599): equal bins of confidence.

    It is never negative, so chance alone makes it too large: no interval holds the truth.
    """
    confidences = of.confidences.astype(np.float64)
    place = np.minimum((confidences * bins).astype(int), bins - 1)
    sums = np.bincount(place, weights=of.hits - confidences, minlength=bins)
    return float(np.abs(sums).sum() / len(confidences))
