"""CSVs of paths and labels, with the images in the same folder or archive."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TextIO

from assay.data.sources import csv_text
from assay.data.sources.finder import Finder
from assay.data.sources.index_rows import Columns, Row, rows
from assay.data.sources.reading import Found, Reading
from assay.data.sources.tree import Tree, opened
from assay.fault import Fault
from assay.params.data import Data


class _Listed(NamedTuple):
    place: int
    split: str | None
    row: Row


def read(data: Data) -> Reading:
    """The images in the order of the rows of every file in turn.

    Paths count from `data.path`, or from `data.images` in it; in an archive that holds a single
    folder, from that folder too. An image that is listed again is a Fault.
    """
    root = Path(data.path)
    within = root.is_dir() and data.images is not None
    tree = opened(root / str(data.images) if within else root)
    finder = Finder(tree, "" if within or data.images is None else f"{PurePosixPath(data.images)}/")
    taken: dict[str, _Listed] = {}
    faults: list[Fault] = []
    place = 0
    for split, name in [*data.labelled_files.items(), ("unlabelled", data.unlabelled)]:
        if name:
            with _text(root, tree, name) as (text, where):
                for row in rows(text, where, _columns(data, split)):
                    try:
                        _take(row, split, place, finder, taken)
                    except Fault as fault:
                        faults.append(fault)
                    place += 1
    return Reading(_images(tree, taken, faults), total=place)


def _columns(data: Data, split: str | None) -> Columns:
    return Columns(
        data.image_column, None if split == "unlabelled" else data.label_column,
        None if split else data.split,
    )  # fmt: skip


def _take(
    row: Row | Fault, split: str | None, place: int, finder: Finder, taken: dict[str, _Listed]
) -> None:
    """Note the image of a row; a Fault where there is none, or where it is noted already."""
    if isinstance(row, Fault):
        raise row
    try:
        name = finder.found(row.path)
    except Fault as fault:
        raise Fault(f"{row.where}: {fault}") from None
    before = taken.setdefault(name, _Listed(place, split or row.split, row))
    if before.place != place:
        raise Fault(_twice(before, row, split or row.split))


def _twice(before: _Listed, row: Row, split: str | None) -> str:
    told = f"{row.where}: {row.path} stands in {before.row.where} already"
    if before.row.label != row.label and None not in (before.row.label, row.label):
        return f"{told}, as {before.row.label} and not {row.label}; remove the wrong row"
    if before.split != split:
        return f"{told}, in {before.split} and not {split}; keep it in one split"
    return f"{told}; remove one row"


@contextmanager
def _text(root: Path, tree: Tree, name: str) -> Iterator[tuple[TextIO, str]]:
    """A CSV of the folder, or of the archive, and how messages name it."""
    if root.is_dir():
        with csv_text.opened(root / name) as text:
            yield text, str(root / name)
        return
    where = tree.at(name)
    try:
        inside = Finder(tree, "").found(name)
    except Fault as fault:
        raise Fault(f"{tree.path}: {fault}") from None
    for _, content in tree.stream([inside]):
        if isinstance(content, Fault):
            raise content
        with csv_text.text_of(io.BytesIO(content), where) as text:
            yield text, where


def _images(tree: Tree, taken: dict[str, _Listed], faults: list[Fault]) -> Iterator[Found | Fault]:
    yield from faults
    for name, content in tree.stream(taken):
        place, split, row = taken[name]
        if isinstance(content, Fault):
            yield Fault(f"{row.where}: {content}")
        else:
            yield Found(place, row.path, split, row.label, content)
