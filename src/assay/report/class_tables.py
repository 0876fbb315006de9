"""Tables by class: scores, confusions, and how many images of each class lie where."""

from statistics import fmean
from typing import Any

import numpy as np
from jaxtyping import Int

from assay.params.split import PARTS
from assay.report.run import Run
from assay.report.tables import Cell, Table, number, percent, table, word

PAIRS = 12


def per_class(runs: list[Run], split: str, classes: list[str]) -> Table:
    """Precision, recall and F1 of each class, means over seeds."""
    found = [run.splits[split]["per_class"] for run in runs]
    rows = []
    for name in classes:
        means = [fmean(one[name][kind] for one in found) for kind in ("precision", "recall", "f1")]
        rows.append([word(name), number(found[0][name]["images"], 0), *map(number, means)])
    return table(["class", "images", "precision", "recall", "F1"], rows)


def confused(counts: Int[np.ndarray, "true predicted"], classes: list[str]) -> Table:
    """The pairs of classes most often taken for each other's, with the share of the true class."""
    wrong = counts - np.diag(np.diag(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[:PAIRS]
    rows = []
    for true, answer in zip(*np.unravel_index(order, wrong.shape), strict=True):
        if count := int(wrong[true, answer]):
            share = count / counts[true].sum()
            rows.append([word(classes[true]), word(classes[answer]), number(count, 0)])
            rows[-1].append(Cell(percent(float(f"{share:.3g}")), float(share)))
    return table(["true class", "taken for", "times", "of the class"], rows)


def images(data: dict[str, Any]) -> Table:
    """How many images of each class lie in each split."""
    splits = [name for name in (*PARTS, "unused") if data["splits"].get(name)]
    return table(
        ["class", *splits, "together"],
        (
            [
                word(name),
                *(number(counts[split], 0) for split in splits),
                number(sum(counts[split] for split in splits), 0),
            ]
            for name, counts in ((name, data["per_class"][name]) for name in data["classes"])
        ),
    )
