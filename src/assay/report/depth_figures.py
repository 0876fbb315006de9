"""The scale by depth as figures: a line a variant over the layers, on a logarithmic axis."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from assay.report.depth import mean_scale, power_of_ten
from assay.report.figures import Figured, drawing, line_style
from assay.report.results import Results
from assay.report.run import Run

TITLES = {
    "activation": "activations: root mean square by layer",
    "gradient": "gradients: length by layer",
}
DECADES = 3  # at least, so that what is flat looks flat
MOST = 100.0  # decades up or down: more is drawn at the edge

Limits = tuple[float, float]


def depth_figures(results: Results) -> list[Figured]:
    """Activations and gradients by layer: thin seeds, a thick geometric mean.

    A triangle at the lower edge is a scale of 0, one at the upper edge is none that is finite.
    """
    return [_by_depth(results, measure) for measure in TITLES]


def _by_depth(results: Results, measure: str) -> Figured:
    limits = _limits(run.depths[measure].to_numpy(float) for run in results.runs)

    def draw(axes: Axes) -> None:
        axes.set_title(TITLES[measure])
        axes.set_xlabel("layer")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(numticks=7))
        axes.yaxis.set_major_formatter(lambda y, _: power_of_ten(round(np.log10(y))))
        axes.yaxis.set_minor_formatter(NullFormatter())
        for place, runs in enumerate(results.by_variant.values()):
            _lines(axes, runs, measure, place, limits)
        axes.set_ylim(*limits)

    return Figured(TITLES[measure], drawing(f"depth-{measure}", draw, (4.6, 2.7)))


def _lines(axes: Axes, runs: list[Run], measure: str, place: int, limits: Limits) -> None:
    line: Any = line_style(place)
    mean = mean_scale(runs, measure)
    layers = np.arange(1, len(mean) + 1)
    if len(runs) > 1:
        for run in runs:
            scale = _within(run.depths[measure].to_numpy(float), limits)
            axes.plot(layers, scale, linewidth=0.7, alpha=0.55, **line)
    axes.plot(layers, _within(mean, limits), linewidth=1.7, **line)
    for lost, mark, edge in ((mean == 0, "v", limits[0]), (~np.isfinite(mean), "^", limits[1])):
        there = layers[lost]
        axes.plot(
            there, np.full(len(there), edge), mark, color=line["color"], markersize=4, clip_on=False
        )


def _within(scale: Float[np.ndarray, " layers"], limits: Limits) -> Float[np.ndarray, " layers"]:
    """What no logarithmic axis can show, at its edges."""
    return np.nan_to_num(scale, nan=limits[1], posinf=limits[1]).clip(*limits)


def _limits(scales: Iterable[Float[np.ndarray, " layers"]]) -> Limits:
    """A little more than what can be shown, and so many decades at least."""
    every = np.concatenate(list(scales))
    logs = np.log10(every[np.isfinite(every) & (every > 0)])
    low, high = (logs.min(), logs.max()) if len(logs) else (0.0, 0.0)
    margin = max(0.05 * (high - low), (DECADES - (high - low)) / 2, 0.2)
    return 10 ** max(float(low - margin), -MOST), 10 ** min(float(high + margin), MOST)
