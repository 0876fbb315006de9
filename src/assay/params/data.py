"""`data`: where the images are and how they are laid out."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from assay.fault import listed
from assay.params.section import Name, Section, Shape, Verbatim

Format = Literal["pixel_csv", "index_csv", "image_folder", "cifar10", "parquet"]


def _inside(name: str) -> str:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"{name!r} lies outside data.path, which DVC hashes; name a file in it")
    return name


Inside = Annotated[Name, AfterValidator(_inside)]
Parts = dict[Literal["train", "val", "test"], Inside]

OWN_KEYS: dict[str, set[str]] = {
    "pixel_csv": {"labelled", "unlabelled", "label", "shape"},
    "index_csv": {"labelled", "unlabelled", "label", "image", "images", "split"},
    "image_folder": set(),
    "cifar10": set(),
    "parquet": {"label", "image"},
}
_WHOLE = {"pixel_csv", "cifar10"}  # formats read in blocks: a bad row spoils the file
_COLUMNS = {"pixel_csv": ("label", ""), "index_csv": ("labels", "filepaths")}


class Data(Section):
    """`path` is what DVC hashes: a folder, an archive (.tar, .tar.gz, .zip) or a file.

    `labelled` is one file in it, or one for each split; `label`, `image` and `split` are names of
    columns; `images` is a folder or archive in `path` that holds the images of an index CSV.
    `class_aliases` maps spellings of a class to the one that is kept; `classes` fixes their order.
    """

    format: Format
    path: Name
    labelled: Inside | Parts | None = None
    unlabelled: Inside | None = None
    label: Verbatim | None = None
    image: Verbatim | None = None
    split: Verbatim | None = None
    images: Inside | None = None
    shape: Shape | None = None
    class_aliases: dict[Verbatim, Verbatim] = Field(default_factory=dict)
    classes: list[Verbatim] | None = None
    on_bad_image: Literal["error", "skip"] = "error"

    @property
    def label_column(self) -> str:
        """The column that holds labels."""
        return self.label or _COLUMNS.get(self.format, ("label", ""))[0]

    @property
    def image_column(self) -> str:
        """The column that holds images or their paths."""
        return self.image or _COLUMNS.get(self.format, ("", "image"))[1]

    @property
    def labelled_files(self) -> dict[str | None, str]:
        """The files with labels by split; by None where one file holds them all."""
        if isinstance(self.labelled, dict):
            return {str(split): name for split, name in self.labelled.items()}
        return {None: self.labelled} if self.labelled else {}

    @model_validator(mode="after")
    def _keys_belong_to_the_format(self) -> "Data":
        common = {"format", "path", "class_aliases", "classes", "on_bad_image"}
        own = OWN_KEYS[self.format]
        for key in sorted(self.model_fields_set - own - common):
            if getattr(self, key) is not None:
                users = [name for name, keys in OWN_KEYS.items() if key in keys]
                raise ValueError(
                    f"{key} means nothing to {self.format}, only to {listed(users)}; "
                    "remove the key, or correct data.format"
                )
        if "labelled" in own and not self.labelled_files:
            raise ValueError(f"labelled is missing; {self.format} needs a CSV with labels")
        if isinstance(self.labelled, dict) and self.split:
            raise ValueError(
                "split names a column, but labelled has a file for each split; keep one"
            )
        return self

    @model_validator(mode="after")
    def _bad_images_can_be_told_apart(self) -> "Data":
        if self.on_bad_image == "skip" and self.format in _WHOLE:
            others = listed(sorted(OWN_KEYS.keys() - _WHOLE))
            raise ValueError(
                f"on_bad_image: skip means nothing to {self.format}, whose files are taken whole, "
                f"only to {others}; set it to error, which names the bad row"
            )
        return self

    @model_validator(mode="after")
    def _classes_are_clear(self) -> "Data":
        for alias, name in self.class_aliases.items():
            if name in self.class_aliases:
                raise ValueError(
                    f"class_aliases: {alias!r} leads to {name!r}, which is an alias itself; "
                    "map each spelling to the one that is kept"
                )
        if self.classes is not None and len(set(self.classes)) < max(2, len(self.classes)):
            raise ValueError("classes: two classes or more, each once, are wanted")
        return self
