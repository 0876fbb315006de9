"""`evaluate`: which weights are judged, and how."""

from typing import Annotated, Literal

from pydantic import Field

from assay.params.section import Count, Section


class Evaluate(Section):
    """`weights: best` are the best on validation, so their validation score flatters them."""

    weights: Literal["last", "best"] = "last"
    batch_size: Count = 250
    calibration_bins: Annotated[int, Field(ge=1, le=1000)] = 15
