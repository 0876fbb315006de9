"""`evaluate`: which weights are judged, and how."""

from typing import Literal

from assay.params.section import Count, Section


class Evaluate(Section):
    """`weights: best` are the best on validation, so their validation score flatters them."""

    weights: Literal["last", "best"] = "last"
    batch_size: Count = 250
    calibration_bins: Count = 15
