"""What must be known of an architecture before torch is there: its widths and smallest side."""

from typing import NamedTuple


class Facts(NamedTuple):
    """Channel counts that a norm meets, and the smallest image side in pixels."""

    widths: tuple[int, ...]
    smallest_side: int


ARCHITECTURES = {
    "resnet18": Facts(widths=(64, 128, 256, 512), smallest_side=1),
    "vgg16": Facts(widths=(64, 128, 256, 512), smallest_side=32),
}
