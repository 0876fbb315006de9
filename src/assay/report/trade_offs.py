"""Pictures of what accuracy costs."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter
from matplotlib.transforms import Bbox

from assay.report.choice import split_to_show
from assay.report.figures import FAINT, INK, Figured, colour, drawing
from assay.report.findings import Findings
from assay.report.score_tables import SPLIT_WORDS
from assay.report.tables import short, shortened

COSTS = {
    "training_seconds": "seconds of training",
    "multiply_adds": "multiply-adds an image",
    "parameters": "parameters",
}
SIDES = [(1, 1), (-1, 1), (1, -1), (-1, -1)]  # of its point, where a name may stand
Point = tuple[float, float]  # cost, accuracy


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
    split, words = split_to_show(found.results), COSTS[cost]
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
        axes.margins(0.22)
        left_out = len(points) - name_points(axes, points)
        if left_out:
            axes.set_xlabel(f"{words} ({left_out} names that have no room are left out)")

    return Figured(title, drawing(f"trade-off-{cost}", draw, (4.6, 2.9)))


def name_points(axes: Axes, points: Mapping[str, Point]) -> int:
    """Write names beside their points where they cover nothing, and tell how many had room.

    Those on the front come first.
    """
    if figure := axes.get_figure(root=True):
        figure.draw_without_rendering()  # lays out, so that pixels are known
    dots = [axes.transData.transform(point) for point in points.values()]
    beyond = Bbox.from_extents(-1e4, -1e4, axes.bbox.x0, 1e4)  # where the numbers of the axis are
    taken = [beyond, *(Bbox.from_bounds(x - 4, y - 4, 8, 8) for x, y in dots)]
    for name in dict.fromkeys([*front(points), *points]):
        tried = [_beside(axes, name, points[name], *side) for side in SIDES]
        free = [label for label in tried if not label.get_window_extent().count_overlaps(taken)]
        for label in tried:
            if label not in free[:1]:
                label.remove()
        taken += [label.get_window_extent() for label in free[:1]]
    return len(axes.texts)


def _beside(axes: Axes, name: str, point: Point, right: int, above: int) -> Annotation:
    """A name to the right (1) or left (-1) of its point, above (1) or below (-1) it."""
    return axes.annotate(
        shortened(name, 20),
        point,
        textcoords="offset points",
        xytext=(5 * right, 4 * above),
        ha="left" if right > 0 else "right",
        va="bottom" if above > 0 else "top",
        color=INK,
        fontsize=7,
    )
