"""`data`: where the images are and how they are laid out."""

from pathlib import Path
from typing import Literal

from assay.params.section import Section, Shape


class Data(Section):
    """`path` is the folder that DVC hashes; `labelled` and `unlabelled` are files in it."""

    format: Literal["pixel_csv"]
    path: str
    labelled: str
    unlabelled: str | None = None
    label: str = "label"
    shape: Shape | None = None

    @property
    def inputs(self) -> dict[str, Path]:
        """The files to read, by what they hold."""
        named = {"labelled": self.labelled, "unlabelled": self.unlabelled}
        return {kind: Path(self.path, name) for kind, name in named.items() if name}
