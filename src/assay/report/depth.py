"""The scale by depth before the first step: how far it travels, in words and in a table."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from assay.fault import listed
from assay.report.results import Results
from assay.report.run import Run
from assay.report.tables import Cell, Table, counted, number, table, word

FAR = 100  # times that a scale may change over the whole depth before the words name the variant
NAMED = 3
WAYS = ("activations", "gradients")
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def mean_scale(runs: list[Run], measure: str) -> Float[np.ndarray, " layers"]:
    """The geometric mean over seeds at each layer: 0 where one is 0, NaN or inf where one is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.exp(np.mean([np.log(run.depths[measure].to_numpy(float)) for run in runs], 0))


class Travel(NamedTuple):
    """Layers, and how the scales change over them.

    Activations of the last layer over the first's; gradients of the first over the last's. 0 of
    what does not arrive, inf of what leaves the finite numbers. A layer between may well be at 0:
    a residual branch that starts there (`zero_init_residual`) has no gradients inside.
    """

    layers: int
    activations: float
    gradients: float


def travels(results: Results) -> dict[str, Travel]:
    """Of each variant."""
    return {variant: _travel(runs) for variant, runs in results.by_variant.items()}


def _travel(runs: list[Run]) -> Travel:
    forward, backward = mean_scale(runs, "activation"), mean_scale(runs, "gradient")[::-1]
    return Travel(len(forward), _ratio(forward), _ratio(backward))


def travels_json(found: Mapping[str, Travel]) -> dict[str, Any]:
    """What depths.json says; null of what overflows."""
    return {
        variant: {"layers": one.layers}
        | {way: _four(ratio) for way, ratio in zip(WAYS, one[1:], strict=True)}
        for variant, one in found.items()
    }


def _four(ratio: float) -> float | None:
    return float(f"{ratio:.4g}") if math.isfinite(ratio) else None


def travels_from(told: Mapping[str, Any]) -> dict[str, Travel]:
    """What `travels_json` wrote."""
    return {
        variant: Travel(one["layers"], *(math.inf if one[w] is None else one[w] for w in WAYS))
        for variant, one in told.items()
    }


def summary_words(found: Mapping[str, Travel]) -> str:
    """Which variants' scales change by orders of magnitude, the worst first, and which do not."""
    worst = sorted(found, key=lambda variant: -_farthest(found[variant]))
    far = [variant for variant in worst if _farthest(found[variant]) > FAR]
    told = [
        f"{variant}: activations {_change(found[variant].activations)} from the first layer to the "
        f"last, gradients {_change(found[variant].gradients)} on the way back."
        for variant in far[:NAMED]
    ]
    if len(far) > NAMED:
        told.append(
            f"{counted(len(far) - NAMED, 'more variant')} by more than {FAR} times: see the table."
        )
    near = worst[len(far) :]
    if near:
        names = listed(near) if len(near) <= NAMED else f"{len(near)} variants"
        most = _times(max(1.1, _farthest(found[near[0]])))
        told.append(f"Both scales change at most {most} times in {names}.")
    return " ".join(told)


def travel_table(found: Mapping[str, Travel]) -> Table:
    """How many layers a variant has, and how its scales change from end to end."""
    columns = ["variant", "layers", *WAYS]
    return table(columns, (_row(name, one) for name, one in found.items()))


def power_of_ten(exponent: int) -> str:
    """10⁻³ for -3."""
    return "10" + str(exponent).translate(SUPERSCRIPT)


def _row(variant: str, one: Travel) -> list[Cell]:
    ways = (Cell(_change(ratio), ratio) for ratio in one[1:])
    return [word(variant), number(one.layers, 0), *ways]


def _ratio(scales: Float[np.ndarray, " layers"]) -> float:
    if not np.isfinite(scales).all():
        return math.inf
    return float(scales[-1] / scales[0]) if scales[0] else 0.0


def _farthest(one: Travel) -> float:
    return max(max(ratio, 1 / ratio) if ratio else math.inf for ratio in one[1:])


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
