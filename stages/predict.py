"""Labels and probabilities for new images, as a CSV."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pandas as pd

from assay.data.anything import read_any
from assay.entry import one_line
from assay.evaluation.answers import answers
from assay.evaluation.classify import Classifier
from assay.fault import Fault, warn
from assay.files import replacing

PATHS = "image files, folders or archives of images, CSVs of pixels or of paths, Parquet files"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--model", required=True, type=Path, help="a folder like models/vgg16-0")
    words.add_argument("--weights", default="last", help="last, best, or a kept one as epoch-010")
    words.add_argument("--label", default="label", help="a column to leave aside where it is there")
    words.add_argument("--image", default="filepaths", help="the column of paths in a CSV")
    words.add_argument("--output", type=Path, help="a file to write; standard output if not given")
    words.add_argument("--skip-bad", action="store_true", help="warn of unreadable images, go on")
    words.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=PATHS)
    given = words.parse_args()
    if given.output is not None:
        _check_output(given.output, given.paths)
    tables = _tables(given)
    if given.output is None:
        _write(tables, sys.stdout)
        return
    with replacing(given.output) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        _write(tables, file)


def _tables(given: argparse.Namespace) -> Iterator[pd.DataFrame]:
    classifier = Classifier(given.model, given.weights, batch_size=250, device="auto")
    shape = classifier.saved.meta["source_shape"]
    for path in given.paths:
        reading = read_any(path, label=given.label, image=given.image, shape=shape)
        for table in answers(classifier, reading, on_bad=_warn if given.skip_bad else _end):
            table.insert(0, "file", str(path))
            yield table


def _warn(fault: Fault) -> None:
    warn(f"left out: {fault}")


def _end(fault: Fault) -> None:
    raise fault


def _check_output(output: Path, paths: list[Path]) -> None:
    if output.resolve() in {path.resolve() for path in paths}:
        raise Fault(f"{output}: is one of the files to read; give --output another name")
    if output.exists() and any(path.resolve() in output.resolve().parents for path in paths):
        raise Fault(f"{output}: is in a folder to read; give --output another name")
    if output.is_dir():
        raise Fault(f"{output}: is a folder; name a file in it")


def _write(tables: Iterator[pd.DataFrame], file: TextIO) -> None:
    first = True
    for table in tables:
        table.to_csv(file, index=False, header=first, lineterminator="\n")
        first = False
    if first:
        raise Fault("no image could be read, so there is nothing to write; give others")


if __name__ == "__main__":
    one_line(main)
