"""Packing a split: images resized and stacked once, with what training needs to know of them."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from PIL import Image

from assay.data.growing import GrowingArray
from assay.data.packed import IMAGES, LABELS, META, ROWS
from assay.files import replacing, write_json

BLOCK = 1024  # images resized at a time


def pack(
    source: UInt8[np.ndarray, "n c h w"],
    index: pd.DataFrame,
    classes: list[str],
    *,
    size: tuple[int, int],
    folder: Path,
) -> None:
    """Write the images of `index` (columns position, row, label) at `size` into `folder`.

    meta.json holds the classes, the shape and each channel's mean and deviation in units of 0 to
    1; the deviation is that of all pixels, as one population. `hash` is the SHA-256 of pixels and
    labels.
    """
    folder.mkdir(parents=True, exist_ok=True)
    positions = index["position"].to_numpy()
    shape = (source.shape[1], *size)
    sums, digest = np.zeros((2, source.shape[1])), hashlib.sha256()
    with replacing(folder / IMAGES) as beside, GrowingArray(beside) as images:
        images.append(np.zeros((0, *shape), np.uint8))
        for start in range(0, len(positions), BLOCK):
            block = resized(source[positions[start : start + BLOCK]], size)
            images.append(block)
            sums += _sums(block)
            digest.update(block.tobytes())
    code = {name: number for number, name in enumerate(classes)}
    labels = np.array([code.get(label, -1) for label in index["label"]], np.int64)
    _save(folder / LABELS, labels)
    _save(folder / ROWS, index["row"].to_numpy(np.int64))
    digest.update(labels.tobytes())
    mean, deviation = _moments(sums, pixels=max(1, len(positions) * size[0] * size[1]))
    write_json(
        folder / META,
        {
            "classes": classes,
            "shape": list(shape),
            "source_shape": list(source.shape[1:]),
            "mean": mean.tolist(),
            "deviation": deviation.tolist(),
            "hash": digest.hexdigest(),
        },
    )


def resized(
    images: UInt8[np.ndarray, "n c h w"], size: tuple[int, int]
) -> UInt8[np.ndarray, "n c height width"]:
    """Each image squashed to (height, width), bilinear and antialiased (Pillow's), by channel."""
    if images.shape[2:] == tuple(size):
        return np.asarray(images)
    height, width = size
    planes = images.reshape(-1, *images.shape[2:])
    done = [
        np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.BILINEAR))
        for plane in planes
    ]
    return np.stack(done).reshape(*images.shape[:2], height, width)


def _sums(block: UInt8[np.ndarray, "n c h w"]) -> np.ndarray:
    """Sum and sum of squares by channel, exactly: pixels are whole numbers."""
    values = np.arange(256, dtype=np.int64)
    counts = [np.bincount(block[:, c].ravel(), minlength=256) for c in range(block.shape[1])]
    return np.array([[count @ values, count @ values**2] for count in counts], float).T


def _moments(sums: np.ndarray, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    mean = sums[0] / pixels
    variance = np.maximum(sums[1] / pixels - mean**2, 0)
    return mean / 255, np.sqrt(variance) / 255


def _save(path: Path, array: np.ndarray) -> None:
    with replacing(path) as beside, beside.open("wb") as file:
        np.save(file, array)
