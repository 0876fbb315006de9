"""Formats that images come in: one file a format, all behind one function of `data`."""

from collections.abc import Callable

from assay.data.sources import cifar10, image_folder, index_csv, pixel_csv
from assay.data.sources.reading import Reading
from assay.params.data import Data

SOURCES: dict[str, Callable[[Data], Reading]] = {
    "pixel_csv": pixel_csv.read,
    "index_csv": index_csv.read,
    "image_folder": image_folder.read,
    "cifar10": cifar10.read,
}
