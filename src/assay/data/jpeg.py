"""Plain JPEGs, which most images are, in half of Pillow's time: libjpeg-turbo itself."""

import numpy as np
import simplejpeg
from jaxtyping import UInt8

MOST_PIXELS = 178_956_970  # as Pillow: a larger image is taken for a bomb; 540 MB as RGB
_TURNING = (b"Exif\0", b"tiff:Orientation")  # the second in XMP
_KINDS = {"Gray": "GRAY", "YCbCr": "RGB"}


def plain_jpeg(
    data: bytes, least: tuple[int, int] | None = None
) -> UInt8[np.ndarray, "h w c"] | None:
    """The pixels that Pillow would give; None where it must look: other files, EXIF, XMP, damage.

    With `least` (height, width) they may come in smaller, but in at least twice that.
    """
    if not data.startswith(b"\xff\xd8\xff") or any(word in data for word in _TURNING):
        return None
    try:
        height, width, kind, _ = simplejpeg.decode_jpeg_header(data)
        if kind not in _KINDS or height * width > MOST_PIXELS:
            return None
        rows, columns = (2 * side for side in least) if least else (0, 0)
        return simplejpeg.decode_jpeg(
            data, _KINDS[kind], min_height=rows, min_width=columns, min_factor=2
        )
    except ValueError:
        return None
