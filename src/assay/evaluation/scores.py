"""Scores of probabilities against labels: pure functions, scikit-learn's definitions."""

import math
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

Probabilities = Float[np.ndarray, "n k"]
Labels = Int[np.ndarray, " n"]
TINY = 1e-12  # the least probability that a loss takes


def scores(probabilities: Probabilities, labels: Labels, *, bins: int) -> dict[str, float]:
    """Every score of one split, as fractions; `loss` is the mean cross-entropy in nats.

    Macro averages are over the classes that occur in labels or predictions; a class that is never
    predicted has precision 0. `top5_accuracy` is there with six classes or more.
    """
    predictions = probabilities.argmax(1)
    found = {
        "accuracy": float(np.mean(predictions == labels)),
        "balanced_accuracy": balanced_accuracy(predictions, labels),
        "loss": float(losses(probabilities, labels).mean()),
        "calibration_error": calibration_error(probabilities, labels, bins=bins),
    }
    if probabilities.shape[1] > 5:
        found["top5_accuracy"] = float(np.mean(ranks(probabilities, labels) < 5))
    for average in ("macro", "micro", "weighted"):
        precision, recall, f1, _ = precision_recall_fscore_support(
            labels, predictions, average=average, zero_division=0
        )
        found |= {
            f"precision_{average}": float(precision),
            f"recall_{average}": float(recall),
            f"f1_{average}": float(f1),
        }
    return found


def per_class(
    probabilities: Probabilities, labels: Labels, classes: list[str]
) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and the number of images of each class."""
    columns = precision_recall_fscore_support(
        labels, probabilities.argmax(1), labels=range(len(classes)), zero_division=0
    )
    names = ("precision", "recall", "f1", "images")
    rows = np.stack(columns, axis=1)
    return {
        name: {
            key: int(value) if key == "images" else float(value)
            for key, value in zip(names, row, strict=True)
        }
        for name, row in zip(classes, rows, strict=True)
    }


def confusion(probabilities: Probabilities, labels: Labels) -> list[list[int]]:
    """Counts by true class (rows) and predicted class (columns)."""
    classes = range(probabilities.shape[1])
    counts: list[list[int]] = confusion_matrix(
        labels, probabilities.argmax(1), labels=classes
    ).tolist()
    return counts


def losses(probabilities: Probabilities, labels: Labels) -> Float[np.ndarray, " n"]:
    """Cross-entropy of each image, in nats; probabilities under 1e-12 count as that."""
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return -np.log(np.maximum(own, TINY))


def ranks(probabilities: Probabilities, labels: Labels) -> Int[np.ndarray, " n"]:
    """How many classes come before the true one; of equally probable ones the lower index does."""
    own = probabilities[np.arange(len(labels)), labels][:, None]
    above = (probabilities > own).sum(1)
    before = np.arange(probabilities.shape[1]) < labels[:, None]
    ties: Int[np.ndarray, " n"] = above + ((probabilities == own) & before).sum(1)
    return ties


def balanced_accuracy(predictions: Labels, labels: Labels) -> float:
    """Mean recall over the classes that have images."""
    images = np.bincount(labels)
    hits = np.bincount(labels[predictions == labels], minlength=len(images))
    return float(np.mean(hits[images > 0] / images[images > 0]))


def calibration_error(probabilities: Probabilities, labels: Labels, *, bins: int) -> float:
    """Expected calibration error (Guo et al., arXiv:1706.04599): equal bins of confidence."""
    confidence = probabilities.max(1).astype(np.float64)
    hits = probabilities.argmax(1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights=hits - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def image_errors(
    probabilities: Probabilities, labels: Labels, *, bins: int, draws: int, seed: int
) -> dict[str, float]:
    """Standard error of each score from the choice of images: bootstrap over `draws` resamples.

    For shares of images at least the error of a share with a hit and a miss more (the idea of
    Agresti and Coull 1998): a resample of right answers is all right, and would leave no doubt.
    """
    random = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {}
    for _ in range(draws):
        rows = random.integers(0, len(labels), len(labels))
        for name, value in scores(probabilities[rows], labels[rows], bins=bins).items():
            drawn.setdefault(name, []).append(value)
    found = {name: float(np.std(values, ddof=1)) for name, values in drawn.items()}
    exact = scores(probabilities, labels, bins=bins)
    shares = found.keys() - {"loss", "calibration_error"}
    return found | {
        name: max(found[name], _share_error(exact[name], len(labels))) for name in shares
    }


def _share_error(share: float, images: int) -> float:
    eased = (share * images + 1) / (images + 2)
    return math.sqrt(eased * (1 - eased) / (images + 2))


def judged(
    probabilities: Probabilities, labels: Labels, classes: list[str], *, bins: int
) -> dict[str, Any]:
    """All that is said of one split: scores, their image errors, per class, confusion."""
    return {
        "images": len(labels),
        "scores": scores(probabilities, labels, bins=bins),
        "image_error": image_errors(probabilities, labels, bins=bins, draws=100, seed=0),
        "per_class": per_class(probabilities, labels, classes),
        "confusion": confusion(probabilities, labels),
    }
