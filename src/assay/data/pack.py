"""Packing a split: images decoded and resized once, with what training needs to know of them."""

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import xxhash
from jaxtyping import Float64, Int64, UInt8
from PIL import Image
from tqdm import tqdm

from assay.data.fit import fitted
from assay.data.ingested import Ingested
from assay.data.packed import IMAGES, INDEX, LABELS, META
from assay.data.parallel import over_cores
from assay.files import replacing, write_json
from assay.params.preprocess import Fit, Packing

AT_ONCE = 128  # images that a process packs at a time


def pack(
    ingested: Ingested,
    split: pd.DataFrame,
    classes: list[str],
    *,
    packing: Packing,
    channels: int,
    folder: Path,
    subset: int | None = None,
) -> None:
    """Write the images of `split` (columns place, name, label) into `folder`, in its order.

    meta.json holds the classes, the shape [c, h, w] and each channel's mean and deviation in units
    of 0 to 1; the deviation is that of all pixels, as one population. `hash` is the SHA-256 of
    the images' XXH3 and the labels. Of a `subset` of so many labelled images it says so.
    """
    size = packing.size
    sums, digest = np.zeros((2, channels)), hashlib.sha256()
    with replacing(folder / IMAGES) as beside:
        array = np.lib.format.open_memmap(beside, "w+", np.uint8, (len(split), *size, channels))
        target = _Target(beside, array.offset, size, channels)
        work = functools.partial(_pack, target, ingested.file, packing.fit)
        for _, done in over_cores(work, _pieces(ingested.table.loc[split["place"]], folder.name)):
            sums += done.sums
            digest.update(done.hashes)
    code = {name: number for number, name in enumerate(classes)}
    known = split["label"].notna()
    labels = np.full(len(split), -1)
    labels[known] = [code[label] for label in split["label"][known]]
    digest.update(labels.tobytes())
    with replacing(folder / LABELS) as beside, beside.open("wb") as file:
        np.save(file, labels)
    with replacing(folder / INDEX) as beside:
        split[["place", "name"]].to_parquet(beside, index=False)
    mean, deviation = _moments(sums, max(1, len(split) * size[0] * size[1]))
    write_json(
        folder / META,
        {
            "classes": classes,
            "shape": [channels, *size],
            "source_shape": _one_shape(ingested.table),
            "fit": packing.fit,
            "mean": mean.tolist(),
            "deviation": deviation.tolist(),
            "hash": digest.hexdigest(),
        }
        | ({} if subset is None else {"subset": subset}),
    )


def rearranged(ingested: Ingested, part: pd.DataFrame, *, shuffled: bool) -> pd.DataFrame:
    """The rows of one split as `pack` wants them.

    Shuffled, neighbours have nothing in common, and reading blocks of them is as good as reading
    single images at random. Unlabelled images that are bare pixels go by their number from 1, as
    submissions want it.
    """
    numbers = pd.Series(np.arange(1, len(part) + 1), part.index).astype(str)
    numbered = ingested.table["bare"][part.index] & part["label"].isna()
    names = ingested.table["name"][part.index].mask(numbered, numbers)
    table = pd.DataFrame({"place": part.index, "name": names, "label": part["label"]})
    return table.sample(frac=1, random_state=0) if shuffled else table


class _Target(NamedTuple):
    """The .npy file to fill: where its data start, and the size (h, w) and channels of a row."""

    path: Path
    start: int
    size: tuple[int, int]
    channels: int


class _Packed(NamedTuple):
    """What is known of packed images: their hashes, and sum and sum of squares by channel."""

    hashes: bytes
    sums: Float64[np.ndarray, "2 c"]


class _Piece(NamedTuple):
    """Neighbouring rows to fill, and where their images lie: offset, length, and h w c if bare."""

    first: int
    images: list[tuple[int, int, tuple[int, int, int] | None]]


def _pieces(table: pd.DataFrame, name: str) -> Iterator[_Piece]:
    columns = ["offset", "length", "bare", "height", "width", "channels"]
    with tqdm(desc=name, total=len(table), leave=False, disable=None, unit="img") as told:
        for first in range(0, len(table), AT_ONCE):
            rows = table[columns].iloc[first : first + AT_ONCE].itertuples(index=False)
            images = [(row[0], row[1], tuple(row[3:]) if row[2] else None) for row in rows]
            yield _Piece(first, images)
            told.update(len(images))


def _pack(target: _Target, source: Path, fit: Fit, piece: _Piece) -> _Packed:
    """Fill some rows of the array; each image's hash, and the sums by channel."""
    block = np.empty((len(piece.images), *target.size, target.channels), np.uint8)
    hashes = []
    with source.open("rb") as file:
        for pixels, (offset, length, shape) in zip(block, piece.images, strict=True):
            file.seek(offset)
            data = file.read(length)
            image = data if shape is None else np.frombuffer(data, np.uint8).reshape(shape)
            pixels[...] = fitted(image, target.size, fit, target.channels)
            hashes.append(xxhash.xxh3_128_digest(pixels.data))
    with target.path.open("rb+") as file:
        file.seek(target.start + piece.first * block[0].nbytes)
        file.write(block.data)
    return _Packed(b"".join(hashes), _sums(block))


def _sums(block: UInt8[np.ndarray, "n h w c"]) -> Float64[np.ndarray, "2 c"]:
    """Sum and sum of squares by channel, exactly: pixels are whole numbers."""
    values = np.arange(256)
    counts = _histogram(block)
    return np.stack([counts @ values, counts @ values**2]).astype(np.float64)


def _histogram(block: UInt8[np.ndarray, "n h w c"]) -> Int64[np.ndarray, "c 256"]:
    """How often each channel has each value."""
    if block.shape[3] == 3:  # Pillow counts four times as fast as numpy
        column = Image.fromarray(block.reshape(-1, *block.shape[2:]))
        return np.array(column.histogram()).reshape(3, 256)
    planes = block.reshape(-1, block.shape[3]).T
    return np.stack([np.bincount(plane, minlength=256) for plane in planes])


def _moments(sums: Float64[np.ndarray, "2 c"], pixels: int) -> tuple[np.ndarray, np.ndarray]:
    mean = sums[0] / pixels
    variance = np.maximum(sums[1] / pixels - mean**2, 0)
    return mean / 255, np.sqrt(variance) / 255


def _one_shape(table: pd.DataFrame) -> list[int] | None:
    """[c, h, w] where all images have one shape: a pixel CSV is then read like it."""
    shapes = table[["channels", "height", "width"]].drop_duplicates()
    return [int(side) for side in shapes.iloc[0]] if len(shapes) == 1 else None
