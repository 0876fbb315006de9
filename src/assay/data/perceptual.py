"""The perceptual hash pHash, which images that look alike share but for a few bits."""

import numpy as np
from jaxtyping import UInt8, UInt64
from PIL import Image
from scipy.fft import dct

SIDE = 32  # of the grey thumbnail
LEAST = 64  # smaller images have too little in them
FLAT = 8  # grey levels: thumbnails that span fewer are blank, and all blanks are alike
_LOW = 8  # frequencies kept along each axis
_COSINES = dct(np.eye(SIDE), axis=0)[:_LOW].astype(np.float32)


def thumbnail(pixels: UInt8[np.ndarray, "h w c"]) -> UInt8[np.ndarray, "32 32"] | None:
    """The image in small and grey; None where there is too little to compare.

    That is where a side is under 64 pixels, where all is of one colour, or for no picture at all.
    """
    height, width, channels = pixels.shape
    if min(height, width) < LEAST or channels not in {1, 3}:
        return None
    image = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
    small = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=1.0).convert("L")
    grey = np.frombuffer(small.tobytes(), np.uint8).reshape(SIDE, SIDE)
    low, high = int(grey.min()), int(grey.max())
    return grey if high - low >= FLAT else None


def phashes(thumbnails: UInt8[np.ndarray, "n 32 32"]) -> UInt64[np.ndarray, " n"]:
    """64 bits an image: which of the 8x8 lowest frequencies lie above their median.

    What imagehash.phash makes of the same thumbnail, for many at a time.
    """
    spectra = (_COSINES @ thumbnails.astype(np.float32) @ _COSINES.T).reshape(-1, _LOW * _LOW)
    bits = spectra > np.median(spectra, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64)
