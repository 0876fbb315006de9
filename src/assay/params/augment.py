"""`augment`: random changes to training images, each off by default."""

from typing import Annotated

from pydantic import Field, field_validator

from assay.params.section import Fraction, Range, Section

Degrees = Annotated[float, Field(ge=0, le=180)]


class Affine(Section):
    """`translate`: at most this share of the side; `scale`: a range; `shear`: at most degrees."""

    translate: Fraction = 0.0
    scale: Range = (1.0, 1.0)
    shear: Annotated[float, Field(ge=0, lt=90)] = 0.0

    @field_validator("scale")
    @classmethod
    def _scale_is_a_range(cls, scale: tuple[float, float]) -> tuple[float, float]:
        if not 0 < scale[0] <= scale[1]:
            raise ValueError("a range [low, high] with 0 < low <= high is wanted")
        return scale


class Augment(Section):
    """`pad_crop`: pixels of zeros on each side before a crop; `rotate`: at most degrees."""

    pad_crop: Annotated[int, Field(ge=0, le=1024)] = 0
    rotate: Degrees = 0.0
    affine: Affine = Affine()
