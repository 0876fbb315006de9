"""Pictures of two parameters that vary together."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from assay.evaluation.intervals import Interval
from assay.flat import flattened
from assay.params.variants import Plan
from assay.report.choice import split_to_show
from assay.report.figures import INK, Figured, colour, drawing
from assay.report.findings import Findings
from assay.report.score_tables import SPLIT_WORDS
from assay.report.tables import shortened

MOST = 2 / 3


@dataclass(frozen=True)
class Grid:
    """Two keys of params.yaml, their values, and the variant at each crossing that there is.

    `of` is a third key with the value that it has here, as `model.arch: vgg16`, or nothing.
    """

    rows: str
    columns: str
    row_values: list[str]
    column_values: list[str]
    variants: dict[tuple[str, str], str]
    of: str = ""


def grids_of(plans: Mapping[str, Plan]) -> list[Grid]:
    """The grids that variants make, where what differs between them hangs on two or three keys.

    Most crossings must be there. Of three keys, the one with the fewest values has a grid for each.
    """
    flat = {name: flattened(plan.model_dump(mode="json")) for name, plan in plans.items()}
    keys = dict.fromkeys(key for values in flat.values() for key in values)
    said = {key: {name: str(values.get(key)) for name, values in flat.items()} for key in keys}
    differing = {key: values for key, values in said.items() if len({*values.values()}) > 1}
    free = {key: differing[key] for key in _free(differing)}
    if len({*zip(*(values.values() for values in free.values()), strict=True)}) < len(plans):
        return []  # two variants are alike
    crossings = math.prod(len({*values.values()}) for values in free.values())
    if len(plans) < MOST * crossings:
        return []
    if len(free) == 2:
        return [_grid(free, [*plans])]
    if len(free) == 3:
        third = min(free, key=lambda key: len({*free[key].values()}))
        owns = free.pop(third)
        return [
            _grid(free, [name for name in plans if owns[name] == value], f"{third}: {value}")
            for value in dict.fromkeys(owns.values())
        ]
    return []


def _free(differing: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The keys that others hang on."""
    free: list[str] = []
    for key in differing:
        follows = [other for other in differing if other != key and _follows(key, other, differing)]
        if not any(other in free or not _follows(other, key, differing) for other in follows):
            free.append(key)
    return free


def _grid(free: Mapping[str, Mapping[str, str]], names: Sequence[str], of: str = "") -> Grid:
    """The named variants; values stand in the order of all variants, so that grids are alike."""
    rows, columns = free
    levels = {key: list(dict.fromkeys(values.values())) for key, values in free.items()}
    found = {(free[rows][name], free[columns][name]): name for name in names}
    return Grid(rows, columns, levels[rows], levels[columns], found, of)


def _follows(key: str, other: str, values: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether the value of `other` fixes that of `key`."""
    one, two = values[other].values(), values[key].values()
    return len({*zip(one, two, strict=True)}) == len({*one})


def grids(found: Findings, plans: Mapping[str, Plan]) -> list[Figured]:
    """The grids as squares of accuracy, deeper the better, where the variants make some."""
    split = split_to_show(found.results)
    if not split:
        return []
    judged = found.results.judged_on(split)
    scores = {name: found.scores[name][split]["accuracy"] for name in judged}
    title = f"{SPLIT_WORDS[split]} accuracy"
    return [_squares(made, scores, title) for made in grids_of(plans)]


def _squares(made: Grid, scores: Mapping[str, Interval], words: str) -> Figured:
    title = f"{words}, {made.of}" if made.of else words
    means = [one.mean for one in scores.values()]
    low, reach = min(means), max(max(means) - min(means), 1e-9)
    there = {place: scores[name] for place, name in made.variants.items() if name in scores}

    def draw(axes: Axes) -> None:
        axes.set_title(title)
        axes.grid(visible=False)
        for (row, column), one in there.items():
            x, y = made.column_values.index(column), -made.row_values.index(row)
            share = 0.12 + 0.5 * (one.mean - low) / reach
            square = Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, color=colour(0), alpha=share, lw=0)
            axes.add_patch(square)
            told = f"{one.mean:.4f}" + (f"\n± {one.std:.4f}" if one.std is not None else "")
            axes.text(x, y, told, ha="center", va="center", color=INK, fontsize=7.5)
        columns, rows = made.column_values, made.row_values
        axes.set_xticks(range(len(columns)), [shortened(name, 16) for name in columns])
        axes.set_yticks([-y for y in range(len(rows))], [shortened(name, 16) for name in rows])
        axes.set_xlim(-0.55, len(columns) - 0.45)
        axes.set_ylim(0.55 - len(rows), 0.55)
        axes.set_xlabel(made.columns)
        axes.set_ylabel(made.rows)
        for spine in axes.spines.values():
            spine.set_visible(False)

    width = max(4.6, min(9.0, 1.6 + 0.95 * len(made.column_values)))
    name = f"grid-{re.sub('[^a-z0-9]+', '-', made.of)}"
    drawn = drawing(name, draw, (width, 0.9 + 0.4 * len(made.row_values)))
    return Figured(f"{title} by {made.rows} and {made.columns}", drawn)
