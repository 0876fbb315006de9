"""Which of two variants is better, on the same images and the same seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.special import bdtr, bdtrc

from assay.evaluation.intervals import Measured, half_width, interval, p_value

Right = Bool[np.ndarray, "seeds images"]
Verdict = Literal["a is better", "b is better", "undecided"]


@dataclass(frozen=True)
class Difference:
    """The accuracy of a minus that of b; `p_holm` is corrected over all pairs compared with it.

    A difference below `visible` could not have been decided with these seeds and images. `mcnemar`
    has what each seed would say by itself, a p-value each.
    """

    a: str
    b: str
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    verdict: Verdict
    visible: float
    seeds: int
    images: int
    mcnemar: tuple[float, ...]


def compare(right: Mapping[str, Right], confidence: float) -> list[Difference]:
    """Every two variants, in the order given, by which images each seed got right."""
    measured = {name: Measured.of_right(each) for name, each in right.items()}
    pairs = list(combinations(measured, 2))
    alpha = 1 - confidence
    found = [measured[a].minus(measured[b]).estimate for a, b in pairs]
    p_values = [p_value(one) for one in found]
    differences = []
    for (a, b), one, p, p_holm in zip(pairs, found, p_values, holm(p_values), strict=True):
        reach = interval(one, confidence, (-1.0, 1.0))
        visible = min(1.0, half_width(one, alpha))  # the last step of Holm asks for no more
        verdict = _verdict(one.mean, p_holm, alpha, one.n)
        differences.append(
            Difference(
                a=a,
                b=b,
                difference=one.mean,
                low=reach.low,
                high=reach.high,
                p=p,
                p_holm=p_holm,
                verdict=verdict,
                visible=visible,
                seeds=one.n,
                images=right[a].shape[1],
                mcnemar=tuple(map(float, mcnemar(right[a], right[b]))),
            )
        )
    return differences


def mcnemar(a: Right, b: Right) -> Float[np.ndarray, " seeds"]:
    """McNemar's exact test (1947) within each seed: of the images that only one got right."""
    a_alone, b_alone = (a & ~b).sum(axis=1), (b & ~a).sum(axis=1)
    fewer: Int[np.ndarray, " seeds"] = np.minimum(a_alone, b_alone)
    p: Float[np.ndarray, " seeds"] = np.minimum(1.0, 2 * bdtr(fewer, a_alone + b_alone, 0.5))
    return p


def beats(accuracy: float, images: int, share: float, confidence: float) -> bool:
    """Whether an accuracy is above a share that costs no skill (one-sided exact binomial test)."""
    hits = round(accuracy * images)
    return bool(bdtrc(hits - 1, images, share) <= 1 - confidence)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction: the chance of any false finding stays below alpha."""
    order = np.argsort(p_values, kind="stable")
    steps = np.arange(len(p_values), 0, -1)
    raised = np.minimum(1.0, np.maximum.accumulate(np.take(p_values, order) * steps))
    corrected = np.empty(len(p_values))
    corrected[order] = raised
    return [float(p) for p in corrected]


def _verdict(difference: float, p: float, alpha: float, seeds: int) -> Verdict:
    """One seed decides nothing: it compares two sets of weights, not two recipes."""
    if seeds == 1 or p >= alpha:
        return "undecided"
    return "a is better" if difference > 0 else "b is better"
