"""A packed split: its images as one memory map, at the size that the networks get."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int64, UInt8

from assay.fault import Fault
from assay.files import read_json

IMAGES, LABELS, INDEX, META = "images.npy", "labels.npy", "index.parquet", "meta.json"


class Packed(NamedTuple):
    """One split: pixels as a memory map, class indices (-1: unlabelled), and what they are.

    `table` has a row an image: `place` in the source, and `name`, or for bare pixels in the
    unlabelled split their number from 1.
    """

    images: UInt8[np.ndarray, "n h w c"]
    labels: Int64[np.ndarray, " n"]
    table: pd.DataFrame
    meta: dict[str, Any]

    def emptied(self) -> "Packed":
        """A split of the same kind with nothing in it."""
        return Packed(self.images[:0], self.labels[:0], self.table[:0], self.meta)


def unpack(folder: Path) -> Packed:
    """Open what `pack` wrote; no pixel is read before it is asked for."""
    try:
        return Packed(
            np.load(folder / IMAGES, mmap_mode="c"),
            np.load(folder / LABELS),
            pd.read_parquet(folder / INDEX),
            read_json(folder / META),
        )
    except (ValueError, EOFError) as error:  # of numpy, pyarrow and json
        raise Fault(
            f"{folder}: damaged ({error}); remove it, then `dvc repro preprocess` brings it back"
        ) from None
