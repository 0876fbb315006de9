"""Formats that images come in: one file a format, each read as a stream of chunks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from assay.data.sources import pixel_csv
from assay.data.sources.chunk import Chunk
from assay.params.data import Data


class Source(Protocol):
    """Reads one input; a Fault names the file, the row and the mend."""

    def __call__(self, path: Path, data: Data, *, labelled: bool) -> Iterator[Chunk]:
        """Yield the images of `path` in file order."""
        ...


SOURCES: dict[str, Source] = {"pixel_csv": pixel_csv.read}
