"""The report as Markdown, for the repository's page: the words and the tables."""

import re

from assay.params.experiment import Experiment
from assay.report.content import content
from assay.report.figures import Figured, accuracies
from assay.report.findings import Findings
from assay.report.grids import grids
from assay.report.page import rendered
from assay.report.tables import Cell, Table
from assay.report.trade_offs import trade_off


def markdown(experiment: Experiment, found: Findings) -> str:
    """The whole file; what comes from outside is escaped so that it stays text."""
    words = content(experiment, found)
    return rendered(
        "template.md.j2", **words, pictures=pictures(experiment, found), plain=plain, table=pipes
    )


def pictures(experiment: Experiment, found: Findings) -> dict[str, Figured]:
    """What the Markdown shows, by the names of files: accuracy, what it costs, and grids."""
    last = [*found.differences][-1:]
    shown = {"accuracy": accuracies(found, last[0]) if last else None}
    shown |= {"costs": trade_off(found, "training_seconds")}
    shown |= {f"grid-{n}": one for n, one in enumerate(grids(found, experiment.plans), 1)}
    return {name: figure for name, figure in shown.items() if figure}


def plain(text: str) -> str:
    """A text that Markdown and HTML show as it is, on one line, also within a table."""
    flat = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", flat)


def pipes(table: Table) -> str:
    """A table in Markdown; numbers to the right."""
    first = table.rows[0] if table.rows else ()
    right = [cell.numeric for cell in first] or [False] * len(table.columns)
    lines = [
        [plain(column) for column in table.columns],
        ["---:" if numeric else "---" for numeric in right],
        *([_cell(cell) for cell in row] for row in table.rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(cell: Cell) -> str:
    text = plain(cell.text) + (f" ({plain(cell.note)})" if cell.note else "")
    return f"**{text}**" if cell.strong else text
