"""A packed split: its images as one memory map, at the size that the networks get."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int64, UInt8

from assay.files import read_json

IMAGES, LABELS, ROWS, META = "images.npy", "labels.npy", "rows.npy", "meta.json"


class Packed(NamedTuple):
    """One split: pixels as a memory map, class indices (-1: unlabelled), rows in the source."""

    images: UInt8[np.ndarray, "n c h w"]
    labels: Int64[np.ndarray, " n"]
    rows: Int64[np.ndarray, " n"]
    meta: dict[str, Any]


def unpack(folder: Path) -> Packed:
    """Open what `pack` wrote; nothing is read before it is asked for."""
    return Packed(
        np.load(folder / IMAGES, mmap_mode="c"),
        np.load(folder / LABELS),
        np.load(folder / ROWS),
        read_json(folder / META),
    )
