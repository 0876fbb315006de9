"""`preprocess`: the size that images are packed at, and how the network sees them."""

from typing import Literal

from assay.params.section import Section, Size

Normalisation = Literal["unit", "dataset", "imagenet", "per_image"]


class Preprocess(Section):
    """`size` is [height, width] or one number for both; `normalise` acts at batch time."""

    size: Size
    normalise: Normalisation = "dataset"
