"""Laws of the quick way to read JPEGs: it gives what Pillow gives, or nothing."""

import io

import numpy as np
import pytest
from PIL import Image

from assay.data.decode import decoded, pixels, read_pixels
from assay.data.jpeg import plain_jpeg
from assay.fault import Fault


def photograph(height=90, width=70):
    """Something smooth with a little noise."""
    down, right = np.mgrid[:height, :width] / width
    waves = np.stack([np.sin(9 * down + 5 * right), np.cos(7 * right), np.sin(11 * down)], axis=2)
    noise = np.random.default_rng(0).normal(0, 6, waves.shape)
    return Image.fromarray(((waves + 1) * 120 + noise).clip(0, 255).astype(np.uint8))


def jpeg(image=None, **words):
    file = io.BytesIO()
    (image or photograph()).save(file, "JPEG", **words)
    return file.getvalue()


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_pixels_are_pillows_to_the_bit(mode, progressive, subsampling):
    words = {"progressive": progressive, "subsampling": subsampling, "quality": 80}
    data = jpeg(photograph().convert(mode), **words)
    assert np.array_equal(plain_jpeg(data), pixels(decoded(data)))


@pytest.mark.parametrize("size", [(64, 64), (100, 60), (33, 21), (400, 400)])
def test_a_reduced_scale_is_at_least_twice_what_is_wanted_or_the_whole(size):
    data = jpeg(photograph(800, 600))
    height, width, _ = plain_jpeg(data, least=size).shape
    assert (height, width) == (800, 600) or (height >= 2 * size[0] and width >= 2 * size[1])
    assert (height, width) == pixels(decoded(data, least=size)).shape[:2]


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg(exif=exif)


def turned_by_xmp():
    return jpeg(xmp=b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>')


def whole_png():
    file = io.BytesIO()
    photograph().save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"\xff\xd8\xff",
        whole_png(),
        turned(),
        turned_by_xmp(),
        jpeg(photograph().convert("CMYK")),
    ],
    ids=["nothing", "text", "a start", "PNG", "EXIF", "XMP", "CMYK"],
)
def test_what_is_no_plain_jpeg_is_left_to_pillow(data):
    assert plain_jpeg(data) is None


@pytest.mark.parametrize("data", [turned(), turned_by_xmp()], ids=["EXIF", "XMP"])
def test_a_jpeg_that_must_be_turned_is_turned(data):
    assert read_pixels(data).shape == (70, 90, 3)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_jpeg_that_is_cut_off_is_told(share):
    data = jpeg()
    with pytest.raises(Fault, match="damaged"):
        read_pixels(data[: int(len(data) * share)])


def test_a_jpeg_of_a_bombs_size_is_refused_before_it_is_unpacked(monkeypatch):
    data = bytearray(jpeg(photograph()))
    start = data.index(b"\xff\xc0") + 5  # of height and width in the frame's header
    data[start : start + 4] = bytes.fromhex("ea60ea60")  # 60,000 each
    monkeypatch.setattr("simplejpeg.decode_jpeg", None)
    with pytest.raises(Fault, match="pixels allowed"):
        read_pixels(bytes(data))
