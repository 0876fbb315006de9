"""Assign every image to train, val, test or unlabelled, and audit the outcome."""

from pathlib import Path

from assay.data.audit import audit, fingerprint
from assay.data.ingested import open_ingested
from assay.data.split import assign
from assay.entry import one_line
from assay.files import replacing, write_json
from assay.params import experiment


def main() -> None:
    params = experiment.read()
    images, index, classes = open_ingested(Path("data/ingested"))
    index = index.assign(split="unlabelled")
    labelled = index.index[index["source"] == "labelled"]
    for name, rows in assign(index.loc[labelled, "label"], params.split).items():
        index.loc[labelled[rows], "split"] = name
    with replacing(Path("data/split.parquet")) as beside:
        index[["source", "row", "label", "split"]].to_parquet(beside, index=False)
    source = {"format": params.data.format, "path": params.data.path, "hash": fingerprint(index)}
    limit = params.split.limit
    subset = limit if limit is not None and limit < len(labelled) else None
    told = {"limit": subset, "shape": list(images.shape[1:]), "source": source}
    write_json(Path("metrics/data.json"), audit(index, classes) | told)


if __name__ == "__main__":
    one_line(main)
