"""Assign every image to train, val, test or unlabelled, and audit the outcome."""

from pathlib import Path

import pandas as pd

from assay.data.audit import audit, fingerprint, lacks
from assay.data.classes import Classes, find_classes
from assay.data.duplicates import duplicates
from assay.data.examples import examples
from assay.data.ingested import Ingested, open_ingested
from assay.data.split import assigned
from assay.entry import one_line
from assay.fault import Fault, warn
from assay.files import replacing, write_json
from assay.params import experiment


def main() -> None:
    params = experiment.read()
    data, split = params.data, params.split
    found = open_ingested(Path("data/ingested"))
    near = duplicates(found.table, split.near_duplicates)
    predefined = split.method == "predefined"
    classes = find_classes(found.table, data, found.classes, predefined=predefined, groups=near)
    table = found.table.assign(label=classes.labels, near=near)
    if classes.problems:
        _record(params, found, classes, table.assign(split=table["given"].fillna("unused")))
        raise Fault(f"{experiment.FILE}: {classes.problems[0]} (the audit: metrics/data.json)")
    table["split"] = assigned(table, split)
    _record(params, found, classes, table)
    with replacing(Path("data/split.parquet")) as beside:
        table[["name", "label", "split"]].to_parquet(beside)
    write_json(Path("data/classes.json"), classes.names)


def _record(
    params: experiment.Experiment, found: Ingested, classes: Classes, table: pd.DataFrame
) -> None:
    """The audit, also of data that are refused."""
    known = audit(table, classes, found.skipped)
    for line in (*known["warnings"], *lacks(known["missing"])):
        warn(line)
    told = {
        "limit": params.split.subset(known["images"]["labelled"]),
        "near_within": params.split.near_duplicates,
        "source": {
            "format": params.data.format,
            "path": params.data.path,
            "hash": fingerprint(table),
        },
    }
    write_json(Path("metrics/data.json"), known | told)
    write_json(Path("data/examples.json"), examples(table, found.pixels))


if __name__ == "__main__":
    one_line(main)
