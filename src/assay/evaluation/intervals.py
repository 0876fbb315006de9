"""An interval around a mean over seeds, from the spread of seeds and of images together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from scipy.special import ndtri, stdtrit


@dataclass(frozen=True)
class Interval:
    """A mean over `n` seeds and where it may lie; `std` is that over seeds, None where n is 1."""

    mean: float
    std: float | None
    n: int
    low: float
    high: float


def interval(
    values: Sequence[float],
    image_errors: Sequence[float],
    *,
    confidence: float,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Interval:
    """The mean of one value a seed, give or take `half_width`, cut to `bounds`.

    The seeds share their images, so the image error is the mean of theirs and does not shrink with
    more seeds. With one seed the interval tells of images alone.
    """
    n, mean = len(values), fmean(values)
    std = stdev(values) if n > 1 else None
    half = half_width((std or 0.0) / math.sqrt(n), n, fmean(image_errors), 1 - confidence)
    return Interval(mean, std, n, max(bounds[0], mean - half), min(bounds[1], mean + half))


def half_width(seed_error: float, seeds: int, image_error: float, alpha: float) -> float:
    """Half the interval of level 1 - alpha: sqrt((t seed_error)² + (z image_error)²).

    t is Student's with `seeds` - 1 degrees of freedom, z the normal deviate; with one seed the
    first term is left out.
    """
    t = -stdtrit(seeds - 1, alpha / 2) if seeds > 1 else 0.0
    return float(math.hypot(t * seed_error, -ndtri(alpha / 2) * image_error))
