"""Rows of a CSV that lists images: path, label and split as they are written there."""

import csv
import sys
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from assay.data.sources.csv_text import column_names, missing_column
from assay.data.sources.split_names import SPLIT_NAMES, split_named
from assay.fault import Fault, listed


class Columns(NamedTuple):
    """Names of columns; None for what is not to be read."""

    image: str
    label: str | None
    split: str | None


class Row(NamedTuple):
    """A row; they count from 1, the header and empty lines apart."""

    file: str
    number: int
    path: str
    label: str | None
    split: str | None

    @property
    def where(self) -> str:
        """As messages name it."""
        return f"{self.file}: row {self.number}"


def rows(text: TextIO, where: str, columns: Columns) -> Iterator[Row | Fault]:
    """The rows in their order, a Fault for each that cannot be taken; other columns are ignored."""
    names = column_names(csv.reader(text), where)
    keys = ("data.image", "data.label", "data.split")
    for column, key in zip(columns, keys, strict=True):
        if column is not None and column not in names:
            raise missing_column(where, column, names, key)
    places = [names.index(column) if column is not None else None for column in columns]
    number = 0
    try:
        for cells in csv.reader(text, strict=True):
            if cells:
                number += 1
                read = _read(cells, places, len(names))
                if isinstance(read, str):
                    yield Fault(f"{where}: row {number}: {read}")
                else:
                    yield Row(where, number, *read)
    except csv.Error as error:
        raise Fault(f"{where}: row {number + 1}: {error}; mend the quotes") from None
    if not number:
        raise Fault(f"{where}: a header and no rows; add images, or name another file")


def _read(
    cells: list[str], places: list[int | None], width: int
) -> tuple[str, str | None, str | None] | str:
    """Path, label and split; or what is wrong with the row."""
    if len(cells) != width:
        return (
            f"{len(cells)} values, the header has {width}; mend the row (a value with a comma "
            "stands between quotes)"
        )
    path, label, split = (None if place is None else cells[place] for place in places)
    if not path or not path.strip():
        return "no path of an image; give one, or remove the row"
    if "\0" in path:
        return "a path with a NUL character; correct it"
    if label is not None and not label.strip():
        return "no label; give one, or move the row to the unlabelled file"
    named = None if split is None else split_named(split)
    if split is not None and named is None:
        return f"'{split}' is no split; write {listed(SPLIT_NAMES, 'or')}"
    return path, None if label is None else sys.intern(label), named
