"""Labels and probabilities for new images, as a CSV."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pandas as pd

from assay.entry import one_line
from assay.evaluation.answers import answers
from assay.evaluation.classify import Classifier
from assay.fault import Fault
from assay.files import replacing


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--model", required=True, type=Path, help="a folder like models/vgg16-0")
    words.add_argument("--weights", choices=["last", "best"], default="last")
    words.add_argument("--label", default="label", help="a column to leave aside where it is there")
    words.add_argument("--output", type=Path, help="a file to write; standard output if not given")
    words.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a pixel CSV")
    given = words.parse_args()
    if given.output is not None:
        _check_output(given.output, given.paths)
    classifier = Classifier(given.model, given.weights, batch_size=250, device="auto")
    tables = (
        table for path in given.paths for table in answers(classifier, path, label=given.label)
    )
    if given.output is None:
        _write(tables, sys.stdout)
        return
    with replacing(given.output) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        _write(tables, file)


def _check_output(output: Path, paths: list[Path]) -> None:
    if output.resolve() in {path.resolve() for path in paths}:
        raise Fault(f"{output}: is one of the files to read; give --output another name")
    if output.is_dir():
        raise Fault(f"{output}: is a folder; name a file in it")


def _write(tables: Iterator[pd.DataFrame], file: TextIO) -> None:
    for number, table in enumerate(tables):
        table.to_csv(file, index=False, header=number == 0, lineterminator="\n")


if __name__ == "__main__":
    one_line(main)
