"""What every source hands over: its images one by one, with what it says of them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8

from assay.fault import Fault


class Found(NamedTuple):
    """One image as found: a file's bytes, or pixels h w c where the format holds bare pixels."""

    place: int  # in the index, from 0: the order of the source, however it is read
    name: str  # what people call it: a path in the data, or FILE:ROW with rows from 1
    split: str | None  # train, val, test or unlabelled; None where the source does not say
    label: str | None  # None where there is none
    image: bytes | UInt8[np.ndarray, "h w c"]


class Reading(NamedTuple):
    """A source that has been opened, and whose structure has been checked.

    Among the images come Faults: each names one image or row that cannot be taken. Who reads
    decides whether to raise it or to leave the image out.
    """

    images: Iterator[Found | Fault]
    total: int | None = None  # how many images and faults will come, where it is known
    classes: list[str] | None = None  # in their order, where the source declares one
