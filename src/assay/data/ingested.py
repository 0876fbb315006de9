"""What ingest leaves behind: the images as they came, in one file, and a table of them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import UInt8

from assay.data.decode import read_pixels
from assay.files import read_json

IMAGES, INDEX, CLASSES, SKIPPED = "images.bin", "index.parquet", "classes.json", "skipped.json"

SCHEMA = pa.schema(
    {
        "place": pa.int64(),
        "name": pa.string(),
        "given": pa.string(),
        "label": pa.string(),
        "width": pa.int32(),
        "height": pa.int32(),
        "channels": pa.int32(),
        "hash": pa.string(),
        "phash": pa.uint64(),
        "offset": pa.int64(),
        "length": pa.int64(),
        "bare": pa.bool_(),
    }
)


class Ingested(NamedTuple):
    """The file of bytes; a table in the order of the source; its class order; what was left out.

    Columns: `name`; `given` (the split that the data say, or null); `label` as found (null where
    there is none); `width`, `height`, `channels` (1 grey, 3 RGB, or those of bare pixels); `hash`
    (XXH3 of size and upright pixels: equal images have equal hashes); `phash` (perceptual, null
    for small images); `offset` and `length` of the bytes; `bare` (pixels h w c, and no file).
    """

    file: Path
    table: pd.DataFrame
    classes: list[str] | None
    skipped: list[str]

    def image(self, row: int) -> bytes | UInt8[np.ndarray, "h w c"]:
        """The file of one row, or its bare pixels."""
        one = self.table.iloc[row]
        with self.file.open("rb") as file:
            file.seek(one["offset"])
            data = file.read(one["length"])
        shape = (one["height"], one["width"], one["channels"])
        return np.frombuffer(data, np.uint8).reshape(shape) if one["bare"] else data

    def pixels(self, row: int) -> UInt8[np.ndarray, "h w c"]:
        """The upright pixels of one row."""
        image = self.image(row)
        return read_pixels(image) if isinstance(image, bytes) else image


def open_ingested(folder: Path) -> Ingested:
    """Open the folder that `ingest` wrote."""
    # beside a null pandas would make them floats of 53 bits
    whole = {pa.uint64(): pd.UInt64Dtype()}
    return Ingested(
        folder / IMAGES,
        pq.read_table(folder / INDEX).to_pandas(types_mapper=whole.get),
        read_json(folder / CLASSES),
        read_json(folder / SKIPPED),
    )
