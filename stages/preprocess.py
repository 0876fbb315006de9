"""Pack each split as one uint8 array at the size that the networks get."""

from pathlib import Path

import pandas as pd

from assay.data.ingested import open_ingested
from assay.data.pack import pack
from assay.entry import one_line
from assay.params import experiment


def main() -> None:
    size = experiment.read().preprocess.size
    images, _, classes = open_ingested(Path("data/ingested"))
    split = pd.read_parquet("data/split.parquet").reset_index(names="position")
    for name in ("train", "val", "test", "unlabelled"):
        rows = split[split["split"] == name]
        pack(images, rows, classes, size=size, folder=Path("data/packed", name))


if __name__ == "__main__":
    one_line(main)
