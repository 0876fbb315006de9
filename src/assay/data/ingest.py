"""Ingest: every image of the source, looked at once, and kept as it came in one file."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash
from jaxtyping import UInt8
from tqdm import tqdm

from assay.data.decode import read_pixels
from assay.data.ingested import CLASSES, IMAGES, INDEX, SCHEMA, SKIPPED
from assay.data.parallel import over_cores
from assay.data.perceptual import phashes, thumbnail
from assay.data.sources import SOURCES
from assay.data.sources.reading import Found
from assay.fault import Fault
from assay.files import replacing, write_json
from assay.params.data import Data

IMAGES_AT_ONCE, BYTES_AT_ONCE = 256, 4 * 2**20


def ingest(data: Data, folder: Path) -> None:
    """Write what `open_ingested` opens; images pass through in pieces, so memory stays small.

    A bad image is raised as a Fault, or with `on_bad_image: skip` left out and listed.
    """
    reading = SOURCES[data.format](data)
    skipped: list[str] = []
    with replacing(folder / IMAGES) as beside, beside.open("wb") as file:
        pieces = _pieces(_told(reading.images, reading.total))
        looked = over_cores(_look, pieces, _weight)
        tables = [_append(piece, looks, file, skipped, data) for piece, looks in looked]
    table = pa.Table.from_batches(tables, SCHEMA).sort_by("place").drop_columns("place")
    if not table.num_rows:
        first = f"; the first of {len(skipped)} left out: {skipped[0]}" if skipped else ""
        raise Fault(f"{data.path}: no image could be read; give others, or correct data{first}")
    with replacing(folder / INDEX) as beside:
        pq.write_table(table, beside)
    write_json(folder / CLASSES, reading.classes)
    write_json(folder / SKIPPED, skipped)


class Look(NamedTuple):
    """What an image is, without its pixels."""

    width: int
    height: int
    channels: int
    hash: str
    phash: int | None


def _told(images: Iterator[Found | Fault], total: int | None) -> Iterator[Found | Fault]:
    return iter(tqdm(images, "images", total, leave=False, disable=None, unit="img"))


def _pieces(images: Iterable[Found | Fault]) -> Iterator[list[Found | Fault]]:
    """A few hundred images or a few megabytes at a time."""
    piece: list[Found | Fault] = []
    size = 0
    for found in images:
        piece.append(found)
        size += _weight([found])
        if len(piece) == IMAGES_AT_ONCE or size > BYTES_AT_ONCE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _look(piece: list[Found | Fault]) -> list[Look | Fault]:
    """Decode a piece; what cannot be decoded gives a Fault in its place."""
    looks: list[Look | Fault] = []
    thumbnails, owners = [], []
    for found in piece:
        try:
            look, small = _one(found)
        except Fault as fault:
            looks.append(fault)
            continue
        if small is not None:
            thumbnails.append(small)
            owners.append(len(looks))
        looks.append(look)
    if thumbnails:
        for owner, phash in zip(owners, phashes(np.stack(thumbnails)).tolist(), strict=True):
            looks[owner] = looks[owner]._replace(phash=phash)  # type: ignore[union-attr]
    return looks


def _one(found: Found | Fault) -> tuple[Look, UInt8[np.ndarray, "32 32"] | None]:
    if isinstance(found, Fault):
        raise found
    if isinstance(found.image, bytes):
        try:
            array = read_pixels(found.image)
        except Fault as fault:
            raise Fault(f"{found.name}: {fault}") from None
    else:
        array = found.image
    height, width, channels = array.shape
    digest = xxhash.xxh3_128(f"{height} {width} {channels} ".encode())
    digest.update(_bytes(array))
    return Look(width, height, channels, digest.hexdigest(), None), thumbnail(array)


def _append(
    piece: list[Found | Fault],
    looks: list[Look | Fault],
    file: BinaryIO,
    skipped: list[str],
    data: Data,
) -> pa.RecordBatch:
    rows = []
    for found, look in zip(piece, looks, strict=True):
        if isinstance(found, Fault) or isinstance(look, Fault):
            if data.on_bad_image == "error":
                raise Fault(str(look))
            skipped.append(str(look))
            continue
        offset = file.tell()
        length = file.write(_bytes(found.image))
        bare = not isinstance(found.image, bytes)
        about = (found.place, found.name, found.split, found.label)
        rows.append((*about, *look, offset, length, bare))
    columns = zip(*rows, strict=True) if rows else [()] * len(SCHEMA)
    arrays = [pa.array(c, field.type) for c, field in zip(columns, SCHEMA, strict=True)]
    return pa.record_batch(arrays, schema=SCHEMA)


def _bytes(image: bytes | UInt8[np.ndarray, "h w c"]) -> bytes:
    return image if isinstance(image, bytes) else image.tobytes()


def _weight(piece: list[Found | Fault]) -> int:
    """Bytes of images."""
    images = [found.image for found in piece if not isinstance(found, Fault)]
    return sum(len(one) if isinstance(one, bytes) else one.nbytes for one in images)
