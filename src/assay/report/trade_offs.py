"""Pictures of what accuracy costs, and of two parameters that vary together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from assay.flat import flattened
from assay.params.variants import Plan
from assay.report.figures import FAINT, INK, Figured, colour, drawing
from assay.report.findings import Findings
from assay.report.score_tables import SPLIT_WORDS
from assay.report.tables import short, shortened

COSTS = {
    "training_seconds": "seconds of training",
    "multiply_adds": "multiply-adds an image",
    "parameters": "parameters",
}
Point = tuple[float, float]  # cost, accuracy


def split_to_show(found: Findings) -> str | None:
    """The split that most variants have a score of: validation, else test."""
    there = [split for split in ("val", "test") if found.results.judged_on(split)]
    return max(there, key=lambda split: len(found.results.judged_on(split)), default=None)


def front(points: Mapping[str, Point]) -> list[str]:
    """Names of the points that no other beats in cost and accuracy, the cheapest first."""
    best, found = float("-inf"), []
    for name in sorted(points, key=lambda one: (points[one][0], -points[one][1])):
        if points[name][1] > best:
            best = points[name][1]
            found.append(name)
    return found


def trade_offs(found: Findings) -> list[Figured]:
    """Accuracy against each cost, with the front of what is worth its price."""
    drawn = (trade_off(found, cost) for cost in COSTS)
    return [figure for figure in drawn if figure]


def trade_off(found: Findings, cost: str) -> Figured | None:
    """Accuracy against one of `COSTS`, where there are two variants."""
    split, words = split_to_show(found), COSTS[cost]
    if not split or len(found.results.judged_on(split)) < 2:
        return None
    title = f"{SPLIT_WORDS[split]} accuracy against {words}"
    points = {
        name: (found.cost["variants"][name][cost], found.scores[name][split]["accuracy"].mean)
        for name in found.results.judged_on(split)
    }
    places = {variant: place for place, variant in enumerate(found.results.by_variant)}

    def draw(axes: Axes) -> None:
        axes.set_title(title)
        axes.set_xscale("log")
        axes.set_xlabel(words)
        prices = [price for price, _ in points.values()]
        wide = max(prices) > 3 * min(prices)
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if wide else MaxNLocator(4))
        axes.xaxis.set_major_formatter(lambda price, place: short(price))
        axes.xaxis.set_minor_formatter(NullFormatter())
        steps = [points[name] for name in front(points)]
        axes.step(*zip(*steps, strict=True), where="post", color=FAINT, linewidth=1.5)
        for name, (price, accuracy) in points.items():
            axes.plot(price, accuracy, "o", color=colour(places[name]), markersize=5)
            axes.annotate(
                shortened(name, 20),
                (price, accuracy),
                textcoords="offset points",
                xytext=(5, 4),
                color=INK,
                fontsize=7,
            )
        axes.margins(0.22)

    return Figured(title, drawing(f"trade-off-{cost}", draw, (4.6, 2.9)))


@dataclass(frozen=True)
class Grid:
    """Two keys of params.yaml, their values, and the variant at each crossing that there is."""

    rows: str
    columns: str
    row_values: list[str]
    column_values: list[str]
    variants: dict[tuple[str, str], str]


def grid(plans: Mapping[str, Plan]) -> Grid | None:
    """The grid that variants make, where what differs between them hangs on two keys."""
    flat = {name: flattened(plan.model_dump(mode="json")) for name, plan in plans.items()}
    keys = dict.fromkeys(key for values in flat.values() for key in values)
    said = {key: tuple(str(values.get(key)) for values in flat.values()) for key in keys}
    differing = {key: values for key, values in said.items() if len(set(values)) > 1}
    free: list[str] = []
    for key in differing:
        follows = [other for other in differing if other != key and _follows(key, other, differing)]
        if not any(other in free or not _follows(other, key, differing) for other in follows):
            free.append(key)
    if len(free) != 2:
        return None
    rows, columns = free
    levels = {key: list(dict.fromkeys(differing[key])) for key in free}
    crossings = zip(differing[rows], differing[columns], plans, strict=True)
    found = {(row, column): name for row, column, name in crossings}
    if len(found) < len(plans):  # two variants are alike
        return None
    return Grid(rows, columns, levels[rows], levels[columns], found)


def _follows(key: str, other: str, values: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the value of `other` fixes that of `key`."""
    return len({*zip(values[other], values[key], strict=True)}) == len({*values[other]})


def grids(found: Findings, plans: Mapping[str, Plan]) -> list[Figured]:
    """The grid as squares of accuracy, deeper the better, where the variants make one."""
    made, split = grid(plans), split_to_show(found)
    if not made or not split:
        return []
    judged = found.results.judged_on(split)
    scores = {
        place: found.scores[name][split]["accuracy"]
        for place, name in made.variants.items()
        if name in judged
    }
    return [_squares(made, scores, split)]


def _squares(made: Grid, scores: Mapping[tuple[str, str], Any], split: str) -> Figured:
    title = f"{SPLIT_WORDS[split]} accuracy"
    means = [one.mean for one in scores.values()]
    low, reach = min(means), max(max(means) - min(means), 1e-9)

    def draw(axes: Axes) -> None:
        axes.set_title(title)
        axes.grid(visible=False)
        for (row, column), one in scores.items():
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
    drawn = drawing("grid", draw, (width, 0.9 + 0.4 * len(made.row_values)))
    return Figured(f"{title} by {made.rows} and {made.columns}", drawn)
