"""Kaggle's digit-recognizer layout: one row an image, one column a pixel, `.csv` or `.csv.gz`."""

import math
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from jaxtyping import UInt8
from pyarrow import csv

from assay.data.sources.csv_fault import first_fault
from assay.data.sources.csv_text import header, missing_column
from assay.data.sources.hexadecimal import Hexadecimal
from assay.data.sources.reading import Found, Reading
from assay.fault import Fault
from assay.params.data import Data

BLOCK = 16 * 2**20  # bytes of text read at a time: memory does not grow with the file


class Layout(NamedTuple):
    """A file, its columns, and the images in it."""

    path: Path
    names: list[str]
    pixels: list[str]
    label: str | None  # the column, where it is to be read
    shape: tuple[int, int, int]  # c h w
    blank: bool  # labels may be missing


def read(data: Data) -> Reading:
    """The images of every file in turn, with the labels of the column `data.label`.

    A column of pixels is any but the label's; their order is that of the file, row by row of the
    image, channel after channel. All files have the same columns in the same order.
    """
    root, label = Path(data.path), data.label_column
    first: Layout | None = None
    files: list[tuple[str | None, Layout]] = []
    for split, name in [*data.labelled_files.items(), ("unlabelled", data.unlabelled)]:
        if name:
            labelled = split != "unlabelled"
            file = layout(root / name, label, data.shape, labelled=labelled, like=first)
            first = first or file
            files.append((split, file))
    return Reading(_all(files, root))


def layout(
    path: Path,
    label: str,
    shape: tuple[int, int, int] | None,
    *,
    labelled: bool,
    blank: bool = False,
    like: Layout | None = None,
) -> Layout:
    """The columns of a file; a Fault where they are no images of that shape, or of a square.

    With `blank` a label may be missing. With `like` the pixels must be the other file's, in the
    same order.
    """
    names = header(path)
    if labelled and label not in names:
        raise missing_column(str(path), label, names, "data.label")
    if not labelled and label in names:
        raise Fault(
            f"{path}: has the column '{label}', but data.unlabelled is for images without labels; "
            "remove the column, or name the file in data.labelled"
        )
    pixels = [name for name in names if name != label]
    if like:
        _check_same_columns(path, pixels, like)
    read = label if labelled else None
    return Layout(path, names, pixels, read, _shape(pixels, shape, path), blank)


def rows(file: Layout) -> Iterator[tuple[str | None, UInt8[np.ndarray, "h w c"]]]:
    """Label and pixels of each image; a Fault for the first row that cannot be taken."""
    types = {name: pa.uint8() for name in file.pixels}
    if file.label:
        types[file.label] = pa.string()
    hexadecimal = Hexadecimal(",".join(file.names))
    try:
        with (
            pa.input_stream(file.path, compression="detect") as text,
            csv.open_csv(
                pa.lib.TransformInputStream(text, hexadecimal.seen),
                csv.ReadOptions(block_size=BLOCK),
                csv.ParseOptions(newlines_in_values=True),
                csv.ConvertOptions(column_types=types),
            ) as blocks,
        ):
            for block in blocks:
                labels, images = _taken(block, file)
                hexadecimal.expected(labels)
                yield from zip(labels or repeat(None, len(images)), images, strict=True)
    except (pa.ArrowInvalid, pa.ArrowKeyError, _MissingError, OSError) as error:
        raise first_fault(file.path, file.names, file.label, error, blank=file.blank) from None
    if hexadecimal.in_pixels:
        raise first_fault(file.path, file.names, file.label, "damaged", blank=file.blank)


def _all(files: list[tuple[str | None, Layout]], root: Path) -> Iterator[Found | Fault]:
    place = 0
    for split, file in files:
        name = file.path.relative_to(root)
        for row, (label, image) in enumerate(rows(file), start=1):
            yield Found(place, f"{name}:{row}", split, label, image)
            place += 1


class _MissingError(Exception):
    """A cell is empty."""


def _taken(
    block: pa.RecordBatch, file: Layout
) -> tuple[list[str] | None, UInt8[np.ndarray, "n h w c"]]:
    columns = [block.column(name) for name in file.pixels]
    labels = block.column(file.label).to_pylist() if file.label else None
    missing = labels and not file.blank and not all(map(str.strip, labels))
    if missing or any(column.null_count for column in columns):
        raise _MissingError
    table = np.column_stack([column.to_numpy(zero_copy_only=False) for column in columns])
    images = table.astype(np.uint8, copy=False).reshape(-1, *file.shape)
    return labels, images.transpose(0, 2, 3, 1)


def _check_same_columns(path: Path, pixels: list[str], like: Layout) -> None:
    if len(pixels) != len(like.pixels):
        raise Fault(
            f"{path}: {len(pixels)} pixel columns, but {like.path} has {len(like.pixels)}; "
            "give both files the same columns"
        )
    for here, there in zip(pixels, like.pixels, strict=True):
        if here != there:
            raise Fault(
                f"{path}: the column '{here}' stands where {like.path} has '{there}'; "
                "give both files the same columns in the same order"
            )


def _shape(
    pixels: list[str], declared: tuple[int, int, int] | None, path: Path
) -> tuple[int, int, int]:
    columns = len(pixels)
    if declared:
        if math.prod(declared) != columns:
            wanted = "x".join(map(str, declared))
            raise Fault(
                f"{path}: {columns} pixel columns, but images of {wanted} have "
                f"{math.prod(declared)}; correct the file, or data.shape"
            )
        return declared
    side = math.isqrt(columns)
    if side * side != columns or not columns:
        raise Fault(
            f"{path}: {columns} pixel columns are no square grey image; "
            "set data.shape to [channels, height, width]"
        )
    return (1, side, side)
