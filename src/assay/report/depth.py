"""The scale by depth before the first step: how far it travels, in words and in a table."""

import math

import numpy as np
from jaxtyping import Float

from assay.fault import listed
from assay.report.results import Results, Run
from assay.report.tables import Cell, Table, counted, number, table, word

FAR = 100  # times that a scale may change over the whole depth before the words name the variant
NAMED = 3
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def mean_scale(runs: list[Run], measure: str) -> Float[np.ndarray, " layers"]:
    """The geometric mean over seeds at each layer: 0 where one is 0, NaN or inf where one is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.exp(np.mean([np.log(run.depths[measure].to_numpy(float)) for run in runs], 0))


def carried(runs: list[Run]) -> tuple[float, float]:
    """Activations of the last layer over the first's; gradients of the first over the last's.

    0 of what vanishes on the way, inf of what leaves the finite numbers.
    """
    forward, backward = mean_scale(runs, "activation"), mean_scale(runs, "gradient")[::-1]
    return _ratio(forward), _ratio(backward)


def summary_words(results: Results) -> str:
    """Which variants' scales change by orders of magnitude, the worst first, and which do not."""
    travels = {variant: carried(runs) for variant, runs in results.by_variant.items()}
    worst = sorted(travels, key=lambda variant: -_farthest(travels[variant]))
    far = [variant for variant in worst if _farthest(travels[variant]) > FAR]
    told = [
        f"{variant}: activations {_change(travels[variant][0])} from the first layer to the last, "
        f"gradients {_change(travels[variant][1])} on the way back."
        for variant in far[:NAMED]
    ]
    if len(far) > NAMED:
        told.append(
            f"{counted(len(far) - NAMED, 'more variant')} by more than {FAR} times: see the table."
        )
    near = worst[len(far) :]
    if near:
        names = listed(near) if len(near) <= NAMED else f"{len(near)} variants"
        most = _times(max(1.1, _farthest(travels[near[0]])))
        told.append(f"Both scales change at most {most} times in {names}.")
    return " ".join(told)


def travel_table(results: Results) -> Table:
    """How many layers a variant has, and how its scales change from end to end."""
    columns = ["variant", "layers", "activations", "gradients"]
    return table(columns, (_row(name, runs) for name, runs in results.by_variant.items()))


def power_of_ten(exponent: int) -> str:
    """10⁻³ for -3."""
    return "10" + str(exponent).translate(SUPERSCRIPT)


def _row(variant: str, runs: list[Run]) -> list[Cell]:
    ways = (Cell(_change(ratio), ratio) for ratio in carried(runs))
    return [word(variant), number(len(runs[0].depths), 0), *ways]


def _ratio(scales: Float[np.ndarray, " layers"]) -> float:
    if not np.isfinite(scales).all():
        return math.inf
    return float(scales[-1] / scales[0]) if scales.all() else 0.0


def _farthest(ratios: tuple[float, float]) -> float:
    return max(max(ratio, 1 / ratio) if ratio else math.inf for ratio in ratios)


def _change(ratio: float) -> str:
    """A ratio of two scales in words."""
    if ratio == 0 or math.isinf(ratio):
        return "overflow" if ratio else "vanish"
    if 1 / 1.05 < ratio < 1.05:
        return "keep their scale"
    return f"grow {_times(ratio)} times" if ratio > 1 else f"shrink {_times(1 / ratio)} times"


def _times(factor: float) -> str:
    """A number of 1 or more with two digits or all before the point."""
    if factor < 1e5:
        return f"{factor:.1f}" if factor < 9.95 else f"{factor:,.0f}"
    exponent = math.floor(math.log10(factor))
    return f"{factor / 10**exponent:.1f} × {power_of_ten(exponent)}"
