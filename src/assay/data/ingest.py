"""Ingest: every image of the source, once, as one array and one index."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from assay.data.growing import GrowingArray
from assay.data.ingested import CLASSES, IMAGES, INDEX
from assay.data.labels import alike, ordered
from assay.data.sources import SOURCES
from assay.fault import Fault
from assay.files import replacing, write_json
from assay.params.data import Data


def ingest(data: Data, folder: Path) -> None:
    """Write what `open_ingested` opens; images pass through in pieces, so memory stays small."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = []
    with replacing(folder / IMAGES) as beside, GrowingArray(beside) as images:
        for source, path in data.inputs.items():
            tables.append(_append(source, path, data, images))
    index = pd.concat(tables, ignore_index=True)
    classes = ordered(index["label"].dropna().unique())
    path = data.inputs["labelled"]
    if len(classes) < 2:
        raise Fault(f"{path}: every label is {classes[0]!r}; two classes or more are needed")
    for one, other in alike(classes):
        raise Fault(f"{path}: the labels {one!r} and {other!r} look the same; write them one way")
    with replacing(folder / INDEX) as beside:
        index.to_parquet(beside, index=False)
    write_json(folder / CLASSES, classes)


def _append(source: str, path: Path, data: Data, images: GrowingArray) -> pd.DataFrame:
    labels: list[str | None] = []
    hashes: list[str] = []
    for chunk in SOURCES[data.format](path, data, labelled=source == "labelled"):
        try:
            images.append(chunk.pixels)
        except ValueError as error:
            raise Fault(f"{path}: {error}; all files must hold images of one shape") from None
        labels += chunk.labels or [None] * len(chunk.pixels)
        hashes += [_hash(image) for image in chunk.pixels]
    return pd.DataFrame(
        {"source": source, "row": np.arange(len(labels)), "label": labels, "hash": hashes}
    ).astype({"label": "string"})


def _hash(image: np.ndarray) -> str:
    return hashlib.blake2b(image.tobytes(), digest_size=16).hexdigest()
