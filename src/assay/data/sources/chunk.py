"""What every source hands over, piece by piece."""

from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8


class Chunk(NamedTuple):
    """Some images in file order: pixels n c h w and a label each, or None where there are none."""

    pixels: UInt8[np.ndarray, "n c h w"]
    labels: list[str] | None
