"""`evaluate`: which weights are judged, and how."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from assay.params.section import Boolean, Count, Section, Switch


def _weights(name: str) -> str:
    if not re.fullmatch(r"last|best|epoch-[0-9]{3,}", name):
        raise ValueError(f"{name!r} are no weights; choose last, best, or a kept one as epoch-010")
    return name


class Tta(Section):
    """Test-time augmentation: the mean over an image's views, mirrored too, and moved by pixels."""

    hflip: Boolean = True
    shift: Annotated[int, Field(ge=0, le=64)] = 0


class Evaluate(Section):
    """`weights: best` are the best on validation, so their validation score flatters them.

    Of the epochs that `train.keep_every` keeps, one is named as epoch-010.
    """

    weights: Annotated[str, AfterValidator(_weights)] = "last"
    batch_size: Count = 250
    calibration_bins: Annotated[int, Field(ge=1, le=1000)] = 15
    tta: Annotated[Tta | None, Switch] = None
