"""Look at every image of the source once; keep it as it came, and what was seen of it."""

from pathlib import Path

from assay.data.ingest import ingest
from assay.entry import one_line
from assay.files import read_json
from assay.params import experiment
from assay.params.data import Data


def main() -> None:
    experiment.read()
    data = Data.model_validate(read_json(Path("plans/data/ingest.json")))
    ingest(data, Path("data/ingested"))


if __name__ == "__main__":
    one_line(main)
