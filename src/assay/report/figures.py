"""Figures as SVG text: the same bytes each time, in colours that the page gives them."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator

from assay.report.findings import Findings
from assay.report.results import Results
from assay.report.score_tables import SPLIT_WORDS
from assay.report.tables import shortened

COLOURS = 8  # the page's --c0 to --c7
INK, FAINT = "#0a0b0e", "#0a0b0f"  # stand for var(--ink) and var(--line)
DASHES = ((None, None), (5, 2), (1.5, 1.5))
STYLE: Any = {
    "svg.hashsalt": "assay",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
}


@dataclass(frozen=True)
class Figured:
    """A drawing and what it shows, for those who do not see it."""

    title: str
    svg: str


def curves(results: Results) -> list[Figured]:
    """Loss and accuracy by epoch, training beside validation: thin seeds, a thick mean."""
    parts = ["train"]
    if any(run.curve["val_loss"].notna().any() for run in results.runs):
        parts.append("val")
    measures = ("loss", "accuracy")
    return [_curve(results, part, measure, parts) for measure in measures for part in parts]


def checkpoints(results: Results) -> list[Figured]:
    """Validation accuracy of the kept epochs, where some were."""
    variants = list(results.by_variant.values())
    if not any(len(run.checkpoints) for run in results.runs):
        return []

    def draw(axes: Axes) -> None:
        axes.set_title("validation accuracy of kept epochs")
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        for place, runs in enumerate(variants):
            seeds = [run.checkpoints.set_index("epoch")["val_accuracy"] for run in runs]
            if any(len(seed) for seed in seeds):
                _lines(axes, seeds, place)

    title = "validation accuracy of kept epochs"
    return [Figured(title, drawing("checkpoints", draw, (4.6, 2.7)))]


def _curve(results: Results, part: str, measure: str, parts: list[str]) -> Figured:
    every = np.concatenate([run.curve[f"{p}_{measure}"] for run in results.runs for p in parts])
    known = every[np.isfinite(every)]
    title = f"{measure} in {'training' if part == 'train' else 'validation'}"

    def draw(axes: Axes) -> None:
        axes.set_title(title)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        if measure == "loss" and known.min() > 0 and known.max() > 20 * known.min():
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter("{x:g}")
            axes.set_ylim(known.min() / 1.3, known.max() * 1.3)
        else:
            margin = 0.04 * float(np.ptp(known)) or 0.01
            axes.set_ylim(known.min() - margin, known.max() + margin)
        for place, runs in enumerate(results.by_variant.values()):
            _lines(axes, [run.curve.set_index("epoch")[f"{part}_{measure}"] for run in runs], place)

    return Figured(title, drawing(f"{part}-{measure}", draw, (4.6, 2.7)))


def _lines(axes: Axes, seeds: list[pd.Series], place: int) -> None:
    line: Any = line_style(place)
    mean = pd.concat(seeds, axis=1).mean(axis=1).dropna()
    mark = "o" if len(mean) == 1 else None
    if len(seeds) > 1:
        for seed in seeds:
            axes.plot(seed.dropna(), linewidth=0.7, alpha=0.55, **line)
    axes.plot(mean, linewidth=1.7, marker=mark, **line)


def accuracies(found: Findings, split: str) -> Figured:
    """A row a variant: the mean as a dot in its interval, each seed a tick."""
    title, rows = f"{SPLIT_WORDS[split]} accuracy", found.results.judged_on(split)
    places = {variant: place for place, variant in enumerate(found.results.by_variant)}

    def draw(axes: Axes) -> None:
        axes.set_title(title)
        axes.grid(visible=False, axis="y")
        axes.spines["left"].set_visible(False)
        for place, (variant, runs) in enumerate(rows.items()):
            one, ink = found.scores[variant][split]["accuracy"], colour(places[variant])
            seeds = [run.score(split, "accuracy") for run in runs]
            axes.plot([one.low, one.high], [-place, -place], color=ink, linewidth=2.2, alpha=0.45)
            axes.plot(seeds, [-place] * len(seeds), "|", color=ink, markersize=9)
            axes.plot([one.mean], [-place], "o", color=ink, markersize=5)
        axes.set_yticks(
            [-place for place in range(len(rows))], [shortened(name, 24) for name in rows]
        )
        axes.set_ylim(0.6 - len(rows), 0.6)
        axes.margins(x=0.06)

    return Figured(title, drawing(f"{split}-accuracies", draw, (4.6, 0.75 + 0.27 * len(rows))))


def line_style(place: int) -> dict[str, Any]:
    """Colour and dashes of the line of the variant at a place, as the legend has them."""
    return {"color": colour(place), "dashes": DASHES[place // COLOURS % len(DASHES)]}


def colour(place: int) -> str:
    """The colour of the variant at a place, as a stand-in for the page's own."""
    return f"#0a0b{place % COLOURS:02x}"


def drawing(name: str, draw: Callable[[Axes], None], size: tuple[float, float]) -> str:
    """Draw on axes of so many inches; the SVG's ids begin with `name`."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size, layout="constrained")
        figure.patch.set_visible(False)
        axes = figure.subplots()
        axes.patch.set_visible(False)
        draw(axes)
        text = io.StringIO()
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None, "Creator": None})
    return _inline(text.getvalue(), name)


def _inline(svg: str, name: str) -> str:
    """Fit a document of its own for a place inside a page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', r"<svg \1>", svg, count=1)
    svg = re.sub(r'(id="|xlink:href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
    inks = {colour(place): f"c{place}" for place in range(COLOURS)} | {INK: "ink", FAINT: "line"}
    return re.sub("|".join(inks), lambda found: f"var(--{inks[found[0]]})", svg)
