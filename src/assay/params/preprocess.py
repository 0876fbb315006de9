"""`preprocess`: the size that images are packed at, and how the network sees them."""

from typing import Literal

from assay.params.section import Section, Size

Normalisation = Literal["unit", "dataset", "imagenet", "per_image"]
Fit = Literal["squash", "crop", "pad"]


class Packing(Section):
    """`size` is [height, width] or one number for both; `fit`: squash, crop the middle, or pad.

    `channels`: 1 for grey, 3 for RGB; null takes grey where every image is grey.
    """

    size: Size
    fit: Fit = "squash"
    channels: Literal[1, 3] | None = None


class Preprocess(Packing):
    """How images are packed, and `normalise`, which acts at batch time."""

    normalise: Normalisation = "dataset"

    @property
    def packing(self) -> Packing:
        """What the preprocess stage depends on."""
        return Packing(size=self.size, fit=self.fit, channels=self.channels)
