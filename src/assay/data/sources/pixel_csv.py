"""Kaggle's digit-recognizer layout: one row an image, one column a pixel, `.csv` or `.csv.gz`."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from assay.data.sources.chunk import Chunk
from assay.data.sources.csv_fault import first_fault, header
from assay.fault import Fault
from assay.params.data import Data

BLOCK = 16 * 2**20  # bytes of text read at a time: memory does not grow with the file


def read(path: Path, data: Data, *, labelled: bool) -> Iterator[Chunk]:
    """The images of one file, with the labels of its column `data.label` where it is labelled.

    A column of pixels is any but the label's; their order is that of the file, row by row of the
    image, channel after channel.
    """
    names = header(path)
    pixels = _pixel_columns(names, path, data.label, labelled)
    if not labelled:
        _agree(pixels, path, data)
    shape = _shape(len(pixels), data.shape, path)
    types = {name: pa.uint8() for name in pixels} | {data.label: pa.string()}
    try:
        with csv.open_csv(
            path,
            csv.ReadOptions(block_size=BLOCK),
            csv.ParseOptions(newlines_in_values=True),
            csv.ConvertOptions(column_types=types),
        ) as blocks:
            for block in blocks:
                yield _chunk(block, pixels, data.label if labelled else None, shape)
    except (pa.ArrowInvalid, pa.ArrowKeyError, _MissingError, OSError) as error:
        raise first_fault(path, names, data.label if labelled else None, error) from None


class _MissingError(Exception):
    """A cell is empty."""


def _chunk(
    block: pa.RecordBatch, pixels: list[str], label: str | None, shape: tuple[int, int, int]
) -> Chunk:
    columns = [block.column(name) for name in pixels]
    labels = block.column(label).to_pylist() if label else None
    if any(column.null_count for column in columns) or (labels and not all(map(str.strip, labels))):
        raise _MissingError
    table = np.column_stack([column.to_numpy(zero_copy_only=False) for column in columns])
    return Chunk(table.astype(np.uint8, copy=False).reshape(-1, *shape), labels)


def _pixel_columns(names: list[str], path: Path, label: str, labelled: bool) -> list[str]:
    if labelled and label not in names:
        shown = ", ".join(names[:3])
        raise Fault(
            f"{path}: no column '{label}' (it begins {shown}, …); name the label's column in "
            "data.label"
        )
    if not labelled and label in names:
        raise Fault(
            f"{path}: has the column '{label}', but data.unlabelled is for images without labels; "
            "remove the column, or name the file in data.labelled"
        )
    return [name for name in names if name != label]


def _agree(pixels: list[str], path: Path, data: Data) -> None:
    """Refuse pixels that are not those of the labelled file, in its order."""
    labelled = data.inputs["labelled"]
    wanted = [name for name in header(labelled) if name != data.label]
    if len(pixels) != len(wanted):
        raise Fault(
            f"{path}: {len(pixels)} pixel columns, but {labelled} has {len(wanted)}; "
            "give both files the same columns"
        )
    for here, there in zip(pixels, wanted, strict=True):
        if here != there:
            raise Fault(
                f"{path}: the column '{here}' stands where {labelled} has '{there}'; "
                "give both files the same columns in the same order"
            )


def _shape(columns: int, declared: tuple[int, int, int] | None, path: Path) -> tuple[int, int, int]:
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
