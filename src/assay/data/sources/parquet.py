"""Parquet files in Hugging Face's layout: `image` {bytes, path} or plain bytes, and `label`.

https://huggingface.co/docs/hub/datasets-image. The split is that of the file's name
(`train-00000-of-00002.parquet`) or of a folder around it; the names of numbered classes stand in
the schema's metadata.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assay.data.sources.csv_text import missing_column
from assay.data.sources.reading import Found, Reading
from assay.data.sources.split_names import split_named
from assay.data.sources.tree import opened
from assay.fault import Fault, on_one_line
from assay.params.data import Data

_AT_ONCE = 32  # images in memory
_BUFFER = 2**20  # bytes; without a buffer Arrow reads a column of a row group whole, not its pages


class Table(NamedTuple):
    """A file whose columns have been looked at."""

    path: Path
    image: str
    label: str | None  # the column, where it is to be read
    rows: int
    classes: list[str] | None  # names of the numbers in it


def read(data: Data) -> Reading:
    """The images of every file in turn, in the order of their paths, streamed row by row."""
    root = Path(data.path)
    tables: list[tuple[str, str | None, Table]] = []
    for name, split in _files(root).items():
        label = None if split == "unlabelled" else data.label_column
        path = root / name if root.is_dir() else root
        tables.append((name, split, table(path, data.image_column, label)))
    labelled = [table for _, _, table in tables if table.label]
    for other in labelled:
        if other.classes != labelled[0].classes:
            raise Fault(
                f"{other.path}: names other classes than {labelled[0].path}; keep the files of one "
                "data set there"
            )
    total = sum(table.rows for _, _, table in tables)
    return Reading(_all(tables), total, labelled[0].classes if labelled else None)


def columns(path: Path) -> list[str]:
    """The names of a file's columns."""
    with _opened(path) as file:
        return list(file.schema_arrow.names)


def table(path: Path, image: str, label: str | None) -> Table:
    """Look at a file's columns; a Fault where it is no Parquet file with such columns."""
    with _opened(path) as file:
        schema = file.schema_arrow
        for column, key in ((image, "data.image"), (label, "data.label")):
            if column is not None and column not in schema.names:
                raise missing_column(str(path), column, schema.names, key)
        _check_image(path, image, schema.field(image).type)
        classes = _classes(path, label, schema) if label is not None else None
        return Table(path, image, label, file.metadata.num_rows, classes)


def rows(table: Table) -> Iterator[tuple[str | None, bytes] | Fault]:
    """Label and bytes of each image, a Fault for each row that lacks one."""
    wanted = [table.image] + ([table.label] if table.label is not None else [])
    number = 0
    with _opened(table.path) as file:
        try:
            for batch in file.iter_batches(_AT_ONCE, columns=wanted):
                images = batch.column(table.image)
                if pa.types.is_struct(images.type):
                    images = pc.struct_field(images, "bytes")
                labels = [None] * len(images)
                if table.label is not None:
                    labels = batch.column(table.label).to_pylist()
                for image, label in zip(images.to_pylist(), labels, strict=True):
                    number += 1
                    why = _why_refused(table, image, label)
                    if why:
                        yield Fault(f"{table.path}: row {number}: {why}")
                    else:
                        yield _named(label, table.classes), image
        except (pa.ArrowException, OSError) as error:
            raise _damaged(table.path, error) from None


def _all(tables: list[tuple[str, str | None, Table]]) -> Iterator[Found | Fault]:
    place = 0
    for name, split, table in tables:
        for number, row in enumerate(rows(table), start=1):
            yield row if isinstance(row, Fault) else Found(place, f"{name}:{number}", split, *row)
            place += 1


def _files(root: Path) -> dict[str, str | None]:
    """The files below a root, or the root itself, with the splits that their names say."""
    if not root.exists():
        raise Fault(f"{root}: no such file or folder; put it there, or correct the path")
    if root.is_dir():
        tree = opened(root)
        names = sorted(name for name in tree.files if name.lower().endswith(".parquet"))
        found = {name: _split(name) for name in names}
        if tree.refused:
            raise tree.faults()[0]
    else:
        found = {root.name: _split(root.name)}
    if not found:
        raise Fault(f"{root}: no file in it ends with .parquet; name the folder of such files")
    without = [name for name, split in found.items() if split is None]
    if 0 < len(without) < len(found):
        raise Fault(
            f"{root}: {without[0]} names no split, other files do; call it like "
            "train-0.parquet, or move it away"
        )
    return found


def _split(name: str) -> str | None:
    for part in reversed(PurePosixPath(name).parts):
        for word in re.split(r"[-_. ]", part):
            if word.lower() in {"unlabelled", "unlabeled"}:
                return "unlabelled"
            if split := split_named(word):
                return split
    return None


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> Fault:
    told = on_one_line(error)[:120]
    return Fault(f"{path}: not a whole Parquet file ({told}); copy or download it again")


def _check_image(path: Path, image: str, kind: pa.DataType) -> None:
    if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        kind = kind.field("bytes").type
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        raise Fault(
            f"{path}: column '{image}' holds {str(kind)[:60]}; bytes of image files are wanted, or "
            "{bytes, path}"
        )


def _classes(path: Path, label: str, schema: pa.Schema) -> list[str] | None:
    """The names of numbered classes; None where there are none, or labels are text."""
    kind = schema.field(label).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return None
    if not pa.types.is_integer(kind):
        raise Fault(
            f"{path}: column '{label}' holds {str(kind)[:60]}; whole numbers or text are wanted"
        )
    try:
        about = json.loads((schema.metadata or {})[b"huggingface"])
        names = about["info"]["features"][label]["names"]
    except (KeyError, TypeError, ValueError):
        return None
    return [str(name) for name in names] if isinstance(names, list) else None


def _why_refused(table: Table, image: bytes | None, label: Any) -> str | None:
    if image is None:
        return "no bytes of an image; store the file itself and not its path, or remove the row"
    if table.label is None:
        return None
    if label is None or not str(label).strip():
        return "no label; give one, or move the row to a file called unlabelled"
    if table.classes is not None and not 0 <= label < len(table.classes):
        return (
            f"{label} is no label; there are {len(table.classes)} classes, from 0 (images without "
            "labels go into a file called unlabelled)"
        )
    return None


def _named(label: Any, classes: list[str] | None) -> str | None:
    if label is None:
        return None
    return classes[label] if classes is not None else str(label)
