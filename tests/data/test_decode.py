"""Laws of decoding: whatever the mode, upright 8-bit grey or RGB; else a line that says why."""

import io
import itertools
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from assay.data.decode import decoded, pixels, read_pixels
from assay.data.jpeg import MOST_PIXELS
from assay.fault import Fault

GREY = np.arange(256, dtype=np.uint8).reshape(16, 16)
COLOUR = np.stack([GREY, GREY.T, GREY[::-1]], axis=2)
OPAQUE = np.full((16, 16, 1), 255, np.uint8)
CLEAR = np.zeros((16, 16, 1), np.uint8)


def saved(image, kind="PNG", **words):
    file = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(file, kind, **words)
    return file.getvalue()


def read(data):
    """The pixels, the quickest way and by Pillow alone."""
    got = read_pixels(data)
    assert np.array_equal(got, pixels(decoded(data)))
    return got


def told(data):
    with pytest.raises(Fault) as fault:
        read_pixels(data)
    line = str(fault.value)
    assert "\n" not in line
    assert "; " in line
    return line


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "TGA"])
def test_grey_and_rgb_come_as_they_were_saved_in_any_format(kind):
    assert np.array_equal(read(saved(GREY, kind)), GREY[:, :, None])
    assert np.array_equal(read(saved(COLOUR, kind)), COLOUR)


def test_webp_without_loss_comes_as_it_was_saved():
    assert np.array_equal(read(saved(COLOUR, "WEBP", lossless=True)), COLOUR)


def test_one_bit_is_black_and_white():
    bits = GREY % 3 == 0
    assert np.array_equal(read(saved(Image.fromarray(bits))), bits[:, :, None] * np.uint8(255))


@pytest.mark.parametrize("base", [GREY[:, :, None], COLOUR])
def test_opaque_images_are_as_without_their_alpha(base):
    image = Image.fromarray(np.concatenate([base, OPAQUE], axis=2))
    assert np.array_equal(read(saved(image)), base)


@pytest.mark.parametrize("base", [GREY[:, :, None], COLOUR])
def test_what_is_wholly_transparent_is_white(base):
    image = Image.fromarray(np.concatenate([base, CLEAR], axis=2))
    assert np.array_equal(read(saved(image)), np.full_like(base, 255))


def test_what_is_half_transparent_is_half_white():
    image = Image.new("RGBA", (2, 2), (0, 100, 200, 128))
    assert np.abs(read(saved(image)).astype(int) - [127, 177, 227]).max() <= 1


def test_a_palette_becomes_its_colours():
    image = Image.fromarray(COLOUR).quantize(256)
    assert np.array_equal(read(saved(image)), np.asarray(image.convert("RGB")))


def test_the_transparent_colour_of_a_palette_becomes_white():
    image = Image.new("P", (4, 4))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((0, 0), 1)
    got = read(saved(image, transparency=0))
    assert got[0, 0].tolist() == [40, 50, 60]
    assert (got[1:] == 255).all()


@pytest.mark.parametrize(("base", "clear"), [(GREY, 7), (COLOUR, (0, 0, 240))])
def test_a_transparent_colour_without_alpha_becomes_white(base, clear):
    got = read(saved(base, transparency=clear))
    hit = (base.reshape(256, -1) == clear).all(1).reshape(16, 16)
    assert hit.any()
    assert (got[hit] == 255).all()
    assert np.array_equal(got[~hit], base.reshape(16, 16, -1)[~hit])


def test_cmyk_becomes_rgb():
    image = Image.fromarray(COLOUR).convert("CMYK")
    assert np.array_equal(read(saved(image, "TIFF")), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("image", [
    Image.new("YCbCr", (4, 4), (128, 128, 128)), Image.new("LAB", (4, 4), (128, 128, 128)),
])  # fmt: skip
def test_other_spaces_of_colour_become_rgb(image):
    got = read(saved(image, "TIFF")).astype(int)
    assert np.abs(got - got.mean(axis=2, keepdims=True)).max() <= 2  # grey stays grey


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_of_sixteen_bits_the_upper_eight_are_kept(kind):
    wide = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert np.array_equal(read(saved(wide, kind)), (wide >> 8).astype(np.uint8)[:, :, None])


def test_sixteen_bits_in_either_order_of_bytes_are_the_same():
    wide = np.arange(256, dtype=np.uint16).reshape(16, 16) * 256
    little = saved(wide, "TIFF")
    swapped = Image.frombytes("I;16B", (16, 16), wide.astype(">u2").tobytes())
    assert np.array_equal(read(saved(swapped, "TIFF")), read(little))
    assert np.array_equal(read(little)[:, :, 0], GREY)


def test_more_than_sixteen_bits_and_floating_point_are_refused():
    assert "more than 16 bits" in told(saved(np.full((2, 2), 2**20, np.int32), "TIFF"))
    assert "floating-point" in told(saved(np.ones((2, 2), np.float32), "TIFF"))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("kind", "mode"), [
    *itertools.product(["JPEG", "PNG", "WEBP", "TIFF"], ["L", "RGB"]),
    *itertools.product(["PNG", "TIFF"], ["RGBA", "P", "I;16"]),
])  # fmt: skip
def test_exif_turns_an_image_as_pillow_does(kind, orientation, mode):
    image = Image.fromarray(GREY.astype(np.uint16) * 256 if mode == "I;16" else COLOUR[:9])
    image = image if mode == "I;16" else image.convert(mode)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(image, kind, exif=exif)
    plain = Image.fromarray(read(saved(image, kind)).squeeze())
    plain.getexif()[0x0112] = orientation
    wanted = np.asarray(ImageOps.exif_transpose(plain))
    assert np.array_equal(read(data).squeeze(), wanted)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_means_nothing_turns_nothing(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(read(saved(COLOUR, exif=exif)), COLOUR)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_data_do_not_lose_the_image():
    data = saved(COLOUR, "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + b"\x00" * 20)
    assert read(data).shape == (16, 16, 3)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_is_taken(kind):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ["red", "lime", "blue"]]
    words = {"lossless": True} if kind == "WEBP" else {}
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], **words)
    assert (read(data) == [255, 0, 0]).all()


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_a_truncated_image_is_damaged_and_not_half_grey(kind, keep):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    data = saved(noise, kind)
    line = told(data[: int(keep * len(data))])
    assert line.startswith(("damaged (", "not an image that Pillow can read; "))


@pytest.mark.parametrize("data", [b"hello", b"<html>", b"\x00" * 999, b"%PDF-1.4", b"\xff\xd8"])
def test_what_is_no_image_is_told(data):
    assert told(data) == "not an image that Pillow can read; replace or remove it"


def test_an_empty_file_is_told():
    assert told(b"") == "the file is empty; copy it again, or remove it"


def test_no_other_program_is_started_for_postscript():
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"
    assert told(eps).startswith("not an image")


def bomb(width, height):
    """A PNG of black that declares so many pixels, in few bytes."""
    lines = zlib.compress(bytes(10**6))

    def piece(kind, content):
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    start = piece(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + start + piece(b"IDAT", lines) + piece(b"IEND", b"")


@pytest.mark.parametrize("side", [13_378, 50_000, 2**31 - 1])
def test_a_bomb_is_refused_before_it_is_unpacked(side):
    assert f"over the {MOST_PIXELS:,}" in told(bomb(side, side))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_an_image_of_the_size_that_a_bomb_only_just_is_not_is_read():
    assert decoded(saved(Image.new("1", (12_000, 12_000)))).size == (12_000, 12_000)


@pytest.mark.parametrize("least", [(30, 20), (60, 80), (100, 100), (300, 300)])
def test_a_jpeg_comes_smaller_but_twice_as_large_as_wanted(least):
    big = Image.new("RGB", (800, 600))
    ImageDraw.Draw(big).ellipse((100, 100, 500, 500), fill="red")
    got = decoded(saved(big, "JPEG"), least)
    assert got.height >= min(2 * least[0], 600)
    assert got.width >= min(2 * least[1], 800)
    assert got.width * 600 == got.height * 800
    smaller = big.resize(got.size, Image.Resampling.BOX)
    assert np.abs(np.asarray(got).astype(int) - np.asarray(smaller)).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_on_its_side_is_wanted_as_it_will_stand(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    size = (1600, 400) if orientation < 5 else (400, 1600)
    got = decoded(saved(Image.new("RGB", size), "JPEG", exif=exif), (100, 200))
    assert got.size == (800, 200)
