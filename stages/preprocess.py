"""Pack each split as one uint8 array at the size that the networks get."""

from pathlib import Path

import pandas as pd

from assay.data.fit import wanted_channels
from assay.data.ingested import open_ingested
from assay.data.pack import pack, rearranged
from assay.entry import one_line
from assay.files import read_json
from assay.params import experiment
from assay.params.plans import PREPROCESS, read_plan
from assay.params.preprocess import Packing
from assay.params.split import PARTS


def main() -> None:
    packing = read_plan(PREPROCESS, Packing)
    ingested = open_ingested(Path("data/ingested"))
    channels = wanted_channels(ingested.table["channels"], packing.channels)
    split = pd.read_parquet("data/split.parquet")
    subset = experiment.read().split.subset(int(split["label"].notna().sum()))
    classes = read_json(Path("data/classes.json"))
    for name in (*PARTS, "unlabelled"):
        part = rearranged(ingested, split[split["split"] == name], shuffled=name == "train")
        folder = Path("data/packed", name)
        pack(
            ingested,
            part,
            classes,
            packing=packing,
            channels=channels,
            subset=subset,
            folder=folder,
        )


if __name__ == "__main__":
    one_line(main)
