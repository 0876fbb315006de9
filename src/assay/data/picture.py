"""Small pictures inside a page."""

import base64
import io

import numpy as np
from jaxtyping import UInt8
from PIL import Image

SIDE = 96  # pixels
_SHARP = 48  # up to this side a picture keeps every pixel as it is
Pixels = UInt8[np.ndarray, "h w c"]


def picture(pixels: Pixels) -> str:
    """A data URI: PNG where the image is tiny, else JPEG; of many channels, the first three."""
    channels = pixels[:, :, :3] if pixels.shape[2] > 2 else pixels[:, :, 0]
    image = Image.fromarray(np.ascontiguousarray(channels))
    kind = "JPEG" if max(image.size) > _SHARP else "PNG"
    image.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    image.save(file, kind, quality=85)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"
