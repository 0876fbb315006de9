"""A number from several runs that share their images: its errors, its interval, its p-values.

Seeds and images are crossed: every seed answers the same images. The variance of a mean over both
is that of seeds / n, of images, and of their interaction / n (a two-way random model). What the
seeds' means scatter by holds the first and the last; so of the images' variance only what is common
to all seeds is added.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy.optimize import brentq
from scipy.special import ndtri, stdtrit

from assay.evaluation.scores import doubt_of

SMALLEST_P = 1e-12
FEWEST = 3  # images


class Measured(NamedTuple):
    """A score of each seed, what each image adds to it, and the doubt on top (`scores.Score`).

    What has nothing to do with images, such as seconds, has none.
    """

    values: Float[np.ndarray, " seeds"]
    influences: Float[np.ndarray, "seeds images"]
    doubt: float

    @classmethod
    def of_right(cls, right: Bool[np.ndarray, "seeds images"]) -> "Measured":
        """Accuracy, from which images each seed got right."""
        values = right.mean(axis=1)
        images = right.shape[1]
        return cls(values, (right - values[:, None]) / images, doubt_of(images))

    def minus(self, other: "Measured") -> "Measured":
        """The difference, seed by seed and image by image."""
        one, two = self.influences.shape, other.influences.shape
        if one != two:
            raise ValueError(f"the same seeds and images are wanted, got {one} and {two}")
        values = self.values - other.values
        doubt = max(self.doubt, other.doubt)
        return Measured(values, self.influences - other.influences, doubt)

    @property
    def estimate(self) -> "Estimate":
        """The mean and its errors; fewer than three images say nothing of others."""
        n, images = self.influences.shape
        common = float((self.influences.mean(axis=0) ** 2).sum())
        if n > 1:  # the interaction is in the scatter of the seeds already
            common -= float(self.influences.var(axis=0, ddof=1).sum()) / n
        error = float(self.values.std(ddof=1)) / math.sqrt(n) if n > 1 else 0.0
        mean = float(self.values.mean())
        by_images = math.sqrt(max(0.0, common) + self.doubt)
        return Estimate(mean, n, error, math.inf if 0 < images < FEWEST else by_images)


class Estimate(NamedTuple):
    """A mean over `n` seeds, and its standard errors from seeds (0 where n is 1) and images."""

    mean: float
    n: int
    seed_error: float
    image_error: float

    @property
    def std(self) -> float | None:
        """The deviation over seeds; None where there is one."""
        return self.seed_error * math.sqrt(self.n) if self.n > 1 else None


@dataclass(frozen=True)
class Interval:
    """A mean over `n` seeds and where it may lie, NaN where that is not known.

    `std` is the deviation over seeds, None where n is 1.
    """

    mean: float
    std: float | None
    n: int
    low: float
    high: float

    @property
    def ends(self) -> bool:
        """Whether both ends are known, and finite."""
        return math.isfinite(self.high - self.low)


def interval(
    one: Estimate, confidence: float, bounds: tuple[float, float] = (-math.inf, math.inf)
) -> Interval:
    """The mean, give or take `half_width`, cut to `bounds`."""
    half = half_width(one, 1 - confidence)
    if math.isnan(half):
        return Interval(one.mean, one.std, one.n, math.nan, math.nan)
    low, high = max(bounds[0], one.mean - half), min(bounds[1], one.mean + half)
    return Interval(one.mean, one.std, one.n, low, high)


def half_width(one: Estimate, alpha: float) -> float:
    """Half the interval of level 1 - alpha: sqrt((t seed_error)² + (z image_error)²).

    t is Student's with n - 1 degrees of freedom, z the normal deviate. With one seed it tells of
    images alone.
    """
    t = -stdtrit(one.n - 1, alpha / 2) if one.n > 1 else 0.0
    return float(math.hypot(t * one.seed_error, -ndtri(alpha / 2) * one.image_error))


def p_value(one: Estimate) -> float:
    """The alpha at which the interval of level 1 - alpha just touches 0: so both always agree."""

    def short(log_alpha: float) -> float:
        return half_width(one, math.exp(log_alpha)) - abs(one.mean)

    if one.mean == 0 or math.isinf(one.image_error):
        return 1.0
    if short(math.log(SMALLEST_P)) <= 0:
        return SMALLEST_P
    return math.exp(brentq(short, math.log(SMALLEST_P), 0.0, xtol=1e-9))
