"""What ingest leaves behind: all images as one array, and one row of a table for each."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import UInt8

from assay.files import read_json

IMAGES, INDEX, CLASSES = "images.npy", "index.parquet", "classes.json"


class Ingested(NamedTuple):
    """Pixels as a memory map; a table in the same order; the classes in theirs.

    Columns: `source` (labelled or unlabelled), `row` (in its file, from 0), `label` (null
    where there is none) and `hash` (BLAKE2b of the pixels: equal images have equal hashes).
    """

    images: UInt8[np.ndarray, "n c h w"]
    table: pd.DataFrame
    classes: list[str]


def open_ingested(folder: Path) -> Ingested:
    """Open the folder that `ingest` wrote."""
    return Ingested(
        np.load(folder / IMAGES, mmap_mode="r"),
        pd.read_parquet(folder / INDEX),
        read_json(folder / CLASSES),
    )
