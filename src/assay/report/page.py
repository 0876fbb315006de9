"""The report as one HTML file: needs no network, no font and no script from elsewhere."""

from pathlib import Path
from typing import Any

import jinja2
import yaml

from assay.params.experiment import Experiment
from assay.report import figures
from assay.report.choice import best_seed
from assay.report.confusion import confusion, matrix
from assay.report.content import content
from assay.report.depth_figures import depth_figures
from assay.report.figures import Figured
from assay.report.findings import Findings
from assay.report.grids import grids
from assay.report.trade_offs import trade_offs

HERE = Path(__file__).parent


def html(experiment: Experiment, found: Findings) -> str:
    """The whole page; every text that comes from outside is escaped."""
    return rendered(
        "template.html.j2",
        **content(experiment, found),
        **_pictures(found),
        grids=grids(found, experiment.plans),
        trade_offs=trade_offs(found),
        colours=figures.COLOURS,
        folded=_parameters(experiment),
    )


def rendered(template: str, folder: Path = HERE, **values: Any) -> str:
    """Fill a template of a folder; what is not Markdown is escaped as HTML."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=jinja2.select_autoescape(default=True, disabled_extensions=("md.j2",)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(**values)


def alone(figure: Figured) -> str:
    """A figure as a file of its own, light or dark as its reader has it."""
    head, inner = figure.svg.split(">", 1)
    box = head.removeprefix("<svg ")
    return rendered("figure.svg.j2", box=box, inner=inner, title=figure.title)


def _pictures(found: Findings) -> dict[str, Any]:
    runs = found.results.by_variant[found.shown]
    run = best_seed(runs) if found.ranking else runs[0]
    counts = confusion(found.results.by_variant[found.shown], found.judged)
    return {
        "accuracies": [figures.accuracies(found, split) for split in found.differences],
        "by_depth": depth_figures(found.results),
        "curves": [*figures.curves(found.results), *figures.checkpoints(found.results)],
        "looked": run.pictures | {"seed": run.seed},
        "matrix": matrix(counts, found.results.data["classes"]),
        "number_of": {
            "equal": found.results.data["duplicates"]["groups"],
            "near-equal": found.results.data["near_duplicates"]["groups"],
        },
    }


def _parameters(experiment: Experiment) -> str:
    """What the variants share, and what each resolves to."""
    shared = {"data", "split", "preprocess", "evaluate", "report", "seeds", "plans"}
    values = experiment.model_dump(mode="json", include=shared)
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
