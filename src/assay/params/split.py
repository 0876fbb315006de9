"""`split`: which image is for training, which for choosing, which for the last word."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from assay.params.section import Boolean, Count, Section

PARTS = ("train", "val", "test")


def _part(given: Any) -> Any:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if given is not None and (
        not number or not given >= 0 or (isinstance(given, float) and given > 1)
    ):
        raise ValueError(f"{given!r} is not allowed; a count (700) or a fraction (0.7) is")
    return given


Part = Annotated[int | float | None, BeforeValidator(_part)]


class Split(Section):
    """Sizes as counts (whole numbers) or as fractions of the labelled images; one seed of its own.

    `predefined` takes the splits that the data name; there a size carves that part out of the
    training images, of which a fraction is then one, and null takes the part as it is. Fractions
    round down; where they add up to 1, training takes the rest.
    `limit` keeps so many labelled images, class by class in proportion, before the split; counts
    shrink with it. `group_duplicates` keeps equal and near-equal images on one side; images are
    near-equal whose perceptual hashes differ in at most `near_duplicates` of 64 bits (null: none).
    """

    method: Literal["stratified", "random", "predefined"] = "stratified"
    train: Part = None
    val: Part = None
    test: Part = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    limit: Count | None = None
    group_duplicates: Boolean = True
    near_duplicates: Annotated[int, Field(ge=0, le=8)] | None = 4

    @property
    def parts(self) -> dict[str, int | float | None]:
        """The three sizes by name; None is as the data say."""
        return {"train": self.train, "val": self.val, "test": self.test}

    @property
    def sizes(self) -> dict[str, int | float]:
        """The sizes that are given."""
        return {name: size for name, size in self.parts.items() if size is not None}

    def subset(self, labelled: int) -> int | None:
        """How many of so many labelled images the limit leaves; None where it cuts nothing."""
        return self.limit if self.limit is not None and self.limit < labelled else None

    @model_validator(mode="after")
    def _sizes_agree(self) -> "Split":
        sizes = list(self.sizes.values())
        given = ", ".join(f"{name} {size}" for name, size in self.sizes.items())
        if len({type(size) for size in sizes if size != 0}) > 1:
            raise ValueError(f"{given}: give all as counts (700) or all as fractions (0.7)")
        if any(isinstance(size, float) for size in sizes) and sum(sizes) > 1 + 1e-9:
            raise ValueError(f"{given}: fractions add up to {sum(sizes):g}; at most 1 is allowed")
        return self

    @model_validator(mode="after")
    def _method_gets_its_sizes(self) -> "Split":
        if self.method == "predefined":
            if self.train is not None:
                raise ValueError(
                    f"train is {self.train}, but predefined takes for training what is left; set "
                    "it to null, or method to stratified"
                )
            return self
        for name, size in self.parts.items():
            if size is None:
                raise ValueError(
                    f"{name} is missing; give its size (0 for none), or set method to predefined "
                    "where the data name their splits"
                )
        if self.train == 0:
            raise ValueError("train is 0; training needs at least one image")
        return self
