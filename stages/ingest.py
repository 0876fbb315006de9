"""Read every image of the source once into one array and one index."""

from pathlib import Path

from assay.data.ingest import ingest
from assay.entry import one_line
from assay.params import experiment


def main() -> None:
    ingest(experiment.read().data, Path("data/ingested"))


if __name__ == "__main__":
    one_line(main)
