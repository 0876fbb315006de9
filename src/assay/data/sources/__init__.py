"""Formats that images come in: one file a format, all behind one function of `data`."""

from collections.abc import Callable

from assay.data.sources import image_folder
from assay.data.sources.reading import Reading
from assay.params.data import Data

SOURCES: dict[str, Callable[[Data], Reading]] = {
    "image_folder": image_folder.read,
}
