"""Which of two variants is right more often, on the same images and the same seeds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from scipy.optimize import brentq

from assay.evaluation.intervals import half_width

Verdict = Literal["a is better", "b is better", "undecided"]
Right = Bool[np.ndarray, "seeds images"]
SMALLEST_P = 1e-12


@dataclass(frozen=True)
class Difference:
    """Accuracy of a minus accuracy of b; `p_holm` is corrected over all pairs compared with it."""

    a: str
    b: str
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    verdict: Verdict
    seeds: int
    images: int


def compare(right: Mapping[str, Right], confidence: float) -> list[Difference]:
    """Every two variants, in the order given; `right` says which images each seed got right."""
    pairs = list(combinations(right, 2))
    measured = [_measured(right[a], right[b]) for a, b in pairs]
    p_values = [p_value(*one) for one in measured]
    found = []
    for (a, b), one, p, p_holm in zip(pairs, measured, p_values, holm(p_values), strict=True):
        mean, seed_error, seeds, image_error = one
        half = half_width(seed_error, seeds, image_error, 1 - confidence)
        low, high = max(-1.0, mean - half), min(1.0, mean + half)
        verdict = _verdict(mean, p_holm, 1 - confidence, seeds)
        images = right[a].shape[1]
        found.append(Difference(a, b, mean, low, high, p, p_holm, verdict, seeds, images))
    return found


def p_value(difference: float, seed_error: float, seeds: int, image_error: float) -> float:
    """The alpha at which the interval of level 1 - alpha just touches 0: so both always agree."""

    def short(log_alpha: float) -> float:
        width = half_width(seed_error, seeds, image_error, math.exp(log_alpha))
        return width - abs(difference)

    if difference == 0:
        return 1.0
    if short(math.log(SMALLEST_P)) <= 0:
        return SMALLEST_P
    return math.exp(brentq(short, math.log(SMALLEST_P), 0.0, xtol=1e-9))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction: the chance of any false finding stays below alpha."""
    order = np.argsort(p_values, kind="stable")
    steps = np.arange(len(p_values), 0, -1)
    raised = np.minimum(1.0, np.maximum.accumulate(np.take(p_values, order) * steps))
    corrected = np.empty(len(p_values))
    corrected[order] = raised
    return [float(p) for p in corrected]


def _measured(a: Right, b: Right) -> tuple[float, float, int, float]:
    """The difference, its error from seeds, the number of seeds, its error from images."""
    if a.shape != b.shape:
        raise ValueError(f"the same seeds and images are wanted, got {a.shape} and {b.shape}")
    paired = a.astype(float) - b.astype(float)  # seeds, images
    by_seed = paired.mean(axis=1)
    seeds = len(by_seed)
    seed_error = float(by_seed.std(ddof=1)) / math.sqrt(seeds) if seeds > 1 else 0.0
    return float(paired.mean()), seed_error, seeds, _image_error(paired.mean(axis=0))


def _image_error(paired: Float[np.ndarray, " images"]) -> float:
    """Standard error of a mean of paired differences, with two images added.

    One of the two tells nothing, the other is half a win and half a loss (Agresti and Min 2005):
    without them two variants that agree on every image would be equal for certain.
    """
    images = len(paired) + 2
    mean = paired.sum() / images
    variance = ((paired**2).sum() + 1) / images - mean**2
    return math.sqrt(variance / images)


def _verdict(difference: float, p: float, alpha: float, seeds: int) -> Verdict:
    """One seed decides nothing: it compares two sets of weights, not two recipes."""
    if seeds == 1 or p >= alpha:
        return "undecided"
    return "a is better" if difference > 0 else "b is better"
