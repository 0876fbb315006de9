"""From the bytes of an image file to upright 8-bit pixels, grey or RGB."""

import io
from functools import cache

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

from assay.data.jpeg import MOST_PIXELS, plain_jpeg
from assay.fault import Fault, on_one_line

_GREY = {"1", "L", "LA", "La"}
_ORIENTATION = 0x0112  # EXIF's tag; 1 is upright
_LYING = {5, 6, 7, 8}  # orientations that exchange height and width
_STARTS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n": "PNG"}
_RUNS_PROGRAMS = {"EPS"}  # Pillow hands these to another program


def decoded(data: bytes, least: tuple[int, int] | None = None) -> Image.Image:
    """The image upright, in mode L or RGB: transparency on white, 16 bits scaled to 8.

    The content decides on the format, not the file's name; of an animation the first frame is
    taken. With `least` (height, width) a JPEG may come smaller, at a half, quarter or eighth of its
    size but at least twice `least`, which is faster. A Fault says what is wrong, and not where.
    """
    if not data:
        raise Fault("the file is empty; copy it again, or remove it")
    try:
        return _opened(data, least)
    except UnidentifiedImageError:
        raise Fault("not an image that Pillow can read; replace or remove it") from None
    except Image.DecompressionBombError:
        raise Fault(
            f"over the {MOST_PIXELS:,} pixels allowed; scale it down, or remove it"
        ) from None
    except MemoryError:
        raise Fault("does not fit into memory; scale it down, or remove it") from None
    except Fault:
        raise
    except Exception as error:  # Pillow's plugins raise what they like on damaged files
        told = on_one_line(error)[:100] or type(error).__name__
        raise Fault(f"damaged ({told}); copy it again, or remove it") from None


def _opened(data: bytes, least: tuple[int, int] | None) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=_formats(data)) as image:
        if least and image.format in {"JPEG", "MPO"}:
            lying = image.getexif().get(_ORIENTATION, 1) in _LYING
            height, width = least[::-1] if lying else least
            image.draft(None, (2 * width, 2 * height))
        image.load()
        return _upright(_eight_bits(image), image)


def read_pixels(data: bytes, least: tuple[int, int] | None = None) -> UInt8[np.ndarray, "h w c"]:
    """The pixels of an image file, as `decoded` has them, the quickest way."""
    quick = plain_jpeg(data, least)
    return pixels(decoded(data, least)) if quick is None else quick


def pixels(image: Image.Image) -> UInt8[np.ndarray, "h w c"]:
    """The pixels of an image in mode L or RGB."""
    channels = 1 if image.mode == "L" else 3
    flat = np.frombuffer(image.tobytes(), np.uint8)  # twice as fast as np.asarray
    return flat.reshape(image.height, image.width, channels)


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode in {"L", "RGB"} and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):
        return _sixteen_bits(image)
    if image.mode == "F":
        raise Fault("its pixels are floating-point numbers; save it with 8 or 16 bits a channel")
    if image.has_transparency_data:
        return _on_white(image)
    return image.convert("L" if image.mode in _GREY else "RGB")


def _sixteen_bits(image: Image.Image) -> Image.Image:
    """The upper 8 of 16 bits; a file of 32 bits is taken if its values fit into 16, or 8."""
    values = np.asarray(image).astype(np.int64)
    if values.size and (values.min() < 0 or values.max() > 0xFFFF):
        raise Fault("its pixels need more than 16 bits; save it with 8 or 16 bits a channel")
    deep = image.mode != "I" or values.max(initial=0) > 0xFF
    return Image.fromarray((values >> 8 if deep else values).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    grey = image.mode in _GREY
    seen = image.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    white.alpha_composite(seen)
    return white.convert("L" if grey else "RGB")


def _upright(pixels: Image.Image, file: Image.Image) -> Image.Image:
    """Turned as the file's EXIF says; most files have none, and reading it is then free."""
    orientation = file.getexif().get(_ORIENTATION, 1)
    if orientation == 1:
        return pixels
    turned = pixels.copy()
    turned.getexif()[_ORIENTATION] = orientation
    return ImageOps.exif_transpose(turned)


def _formats(data: bytes) -> list[str]:
    """The format that the first bytes tell, or every one: Pillow tries them one by one."""
    for start, name in _STARTS.items():
        if data.startswith(start):
            return [name]
    return _every_format()


@cache
def _every_format() -> list[str]:
    """Every format that Pillow reads by itself."""
    Image.init()
    return [name for name in Image.ID if name not in _RUNS_PROGRAMS]
