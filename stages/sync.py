"""Rebuild in MLflow the runs that are missing there, from DVC's files alone."""

from assay.entry import one_line
from assay.params import experiment
from assay.tracking.sync import sync


def main() -> None:
    print(sync(experiment.read().runs))


if __name__ == "__main__":
    one_line(main)
