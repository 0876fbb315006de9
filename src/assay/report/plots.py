"""The data of the report's figures as tables, for `dvc plots`."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from assay.params.variants import Plan
from assay.report.choice import split_to_show
from assay.report.confusion import confusion
from assay.report.findings import Findings
from assay.report.grids import grids_of
from assay.report.run import Run
from assay.report.trade_offs import COSTS


def plots(found: Findings, plans: Mapping[str, Plan]) -> dict[str, pd.DataFrame]:
    """A table for each file of `plots/`; one without rows where the report has no such figure."""
    return {
        "curves": _by_run(found, lambda run: run.curve),
        "checkpoints": _by_run(found, lambda run: run.checkpoints),
        "depths": _by_run(found, lambda run: run.depths),
        "accuracies": _accuracies(found),
        "confusions": _confusions(found),
        "trade_offs": _trade_offs(found),
        "grid": _grid(found, plans),
    }


def _by_run(found: Findings, table: Callable[[Run], pd.DataFrame]) -> pd.DataFrame:
    """What each run has in a table, one below the other."""
    runs = found.results.runs
    tables = [table(run).assign(variant=run.variant, seed=run.seed) for run in runs]
    full = [one for one in tables if len(one)] or tables[:1]  # for its columns
    return pd.concat(full, ignore_index=True)


def _accuracies(found: Findings) -> pd.DataFrame:
    rows = []
    for split in found.differences:
        for variant, runs in found.results.judged_on(split).items():
            one = found.scores[variant][split]["accuracy"]
            known = {"variant": variant, "mean": one.mean, "low": one.low, "high": one.high}
            for run in runs:
                accuracy = run.score(split, "accuracy")
                rows.append({"split": split, "seed": run.seed, "accuracy": accuracy} | known)
    columns = ["split", "variant", "seed", "accuracy", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _confusions(found: Findings) -> pd.DataFrame:
    """Images by variant, class and answer, added up over seeds, but for confusions that are none.

    The right answers come first and are complete, so that who draws them finds the classes' order.
    """
    names = np.array(found.results.data["classes"], dtype=object)
    tables = []
    for variant, runs in found.results.judged_on(found.judged).items():
        counts = confusion(runs, found.judged)
        wrong = np.nonzero(counts * ~np.eye(len(counts), dtype=bool))
        right = np.arange(len(counts))
        actual, predicted = (np.concatenate([right, places]) for places in wrong)
        table = {"actual": names[actual], "predicted": names[predicted]}
        table |= {"images": counts[actual, predicted]}
        tables.append(pd.DataFrame(table).assign(variant=variant))
    return pd.concat(tables, ignore_index=True)


def _trade_offs(found: Findings) -> pd.DataFrame:
    rows = []
    if split := split_to_show(found.results):
        for name in found.results.judged_on(split):
            known = found.cost["variants"][name]
            accuracy = found.scores[name][split]["accuracy"].mean
            rows.append([name, accuracy, *(known[cost] for cost in COSTS)])
    return pd.DataFrame(rows, columns=["variant", "accuracy", *COSTS])


def _grid(found: Findings, plans: Mapping[str, Plan]) -> pd.DataFrame:
    """A row a crossing of keys, whose values are written with them, as `model.norm: bn`."""
    rows = []
    if split := split_to_show(found.results):
        for made in grids_of(plans):
            for (row, column), name in made.variants.items():
                if one := found.scores[name].get(split):
                    above = f"{made.of}, {made.rows}: {row}" if made.of else f"{made.rows}: {row}"
                    places = above, f"{made.columns}: {column}"
                    rows.append([*places, name, one["accuracy"].mean, one["accuracy"].std])
    return pd.DataFrame(rows, columns=["row", "column", "variant", "accuracy", "std"])
