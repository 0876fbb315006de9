"""`data`: where the images are and how they are laid out."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from assay.params.section import Section, Shape

Name = Annotated[str, Field(min_length=1)]


def _inside(name: str) -> str:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"{name!r} lies outside data.path, which DVC hashes; name a file in it")
    return name


Inside = Annotated[Name, AfterValidator(_inside)]


class Data(Section):
    """`path` is the folder that DVC hashes; `labelled` and `unlabelled` are files in it."""

    format: Literal["pixel_csv"]
    path: Name
    labelled: Inside
    unlabelled: Inside | None = None
    label: Name = "label"
    shape: Shape | None = None

    @property
    def inputs(self) -> dict[str, Path]:
        """The files to read, by what they hold."""
        named = {"labelled": self.labelled, "unlabelled": self.unlabelled}
        return {kind: Path(self.path, name) for kind, name in named.items() if name}
