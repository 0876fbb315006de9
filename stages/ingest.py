"""Look at every image of the source once; keep it as it came, and what was seen of it."""

from pathlib import Path

from assay.data.ingest import ingest
from assay.entry import one_line
from assay.params import experiment
from assay.params.data import Data
from assay.params.plans import INGEST, read_plan


def main() -> None:
    experiment.read()
    ingest(read_plan(INGEST, Data), Path("data/ingested"))


if __name__ == "__main__":
    one_line(main)
