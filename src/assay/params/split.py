"""`split`: which image is for training, which for choosing, which for the last word."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from assay.params.section import Count, Section

PARTS = ("train", "val", "test")


def _part(given: Any) -> Any:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if not number or not given >= 0 or (isinstance(given, float) and given > 1):
        raise ValueError(f"{given!r} is not allowed; a count (700) or a fraction (0.7) is")
    return given


Part = Annotated[int | float, BeforeValidator(_part)]


class Split(Section):
    """Sizes as counts (whole numbers) or as fractions of the labelled images; one seed of its own.

    `limit` keeps so many labelled images, class by class in proportion, before the split; counts
    shrink with it.
    """

    method: Literal["stratified", "random"] = "stratified"
    train: Part
    val: Part
    test: Part
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    limit: Count | None = None

    @property
    def parts(self) -> dict[str, int | float]:
        """The three sizes by name."""
        return {"train": self.train, "val": self.val, "test": self.test}

    @model_validator(mode="after")
    def _sizes_agree(self) -> "Split":
        sizes = list(self.parts.values())
        given = ", ".join(f"{name} {size}" for name, size in self.parts.items())
        if len({type(size) for size in sizes if size != 0}) > 1:
            raise ValueError(f"{given}: give all as counts (700) or all as fractions (0.7)")
        if isinstance(self.train, float) and sum(sizes) > 1 + 1e-9:
            raise ValueError(f"{given}: fractions add up to {sum(sizes):g}; at most 1 is allowed")
        if self.train == 0:
            raise ValueError("split.train is 0; training needs at least one image")
        return self
