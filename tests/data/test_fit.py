"""Laws of bringing images to one size and one kind."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay.data.fit import fitted, wanted_channels
from assay.fault import Fault


def encoded(image, kind="PNG", **more):
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind, **more)
    return file.getvalue()


@pytest.mark.parametrize("size", [(3, 5), (12, 9), (8, 1), (6, 7)])
def test_a_grey_image_is_squashed_as_pillow_does(pixels, size):
    image = pixels(1, 6, 7, 1)[0]
    wanted = Image.fromarray(image[:, :, 0]).resize(size[::-1], Image.Resampling.BILINEAR)
    assert np.array_equal(fitted(image, size, "squash", 1)[:, :, 0], np.asarray(wanted))


@pytest.mark.parametrize("channels", [2, 3, 5])
def test_each_channel_is_squashed_as_if_it_were_alone(pixels, channels):
    image = pixels(1, 9, 7, channels)[0]
    whole = fitted(image, (5, 4), "squash", channels)
    for c in range(channels):
        alone = fitted(image[:, :, c : c + 1].copy(), (5, 4), "squash", 1)
        assert np.array_equal(whole[:, :, c : c + 1], alone)


def test_an_image_of_the_right_size_keeps_its_bytes(pixels):
    image = pixels(1, 6, 7, 3)[0]
    for fit in ("squash", "crop", "pad"):
        assert np.array_equal(fitted(image, (6, 7), fit, 3), image)


@pytest.mark.parametrize("side", [0, 1])
def test_crop_keeps_the_middle_and_its_proportions(pixels, side):
    image = pixels(1, 8, 8, 3)[0]
    wide = np.pad(image, [(4, 4) if axis == side else (0, 0) for axis in range(3)])
    assert np.array_equal(fitted(wide, (8, 8), "crop", 3), image)


@pytest.mark.parametrize("side", [0, 1])
def test_pad_keeps_everything_between_black_bars(pixels, side):
    image = pixels(1, 8, 8, 3)[0] | 1
    size = [8, 8]
    size[side] = 12
    padded = fitted(image, tuple(size), "pad", 3)
    bars = [(2, 2) if axis == side else (0, 0) for axis in range(3)]
    assert np.array_equal(padded, np.pad(image, bars))


def test_colours_become_grey_and_grey_becomes_three_equal_channels(pixels):
    colours, grey = pixels(1, 6, 7, 3)[0], pixels(1, 6, 7, 1)[0]
    luma = np.asarray(Image.fromarray(colours).convert("L"))
    assert np.array_equal(fitted(colours, (6, 7), "squash", 1)[:, :, 0], luma)
    assert np.array_equal(fitted(grey, (6, 7), "squash", 3), np.repeat(grey, 3, axis=2))


def test_a_file_gives_the_pixels_that_it_holds(pixels):
    image = pixels(1, 6, 7, 3)[0]
    assert np.array_equal(
        fitted(encoded(image), (4, 4), "squash", 3), fitted(image, (4, 4), "squash", 3)
    )


def photograph(side):
    """Something smooth, as photographs are."""
    down, right = np.mgrid[:side, :side] / side
    waves = [np.sin(9 * down + 5 * right), np.cos(7 * right), np.sin(11 * down * right)]
    return ((np.stack(waves, axis=2) + 1) * 127).astype(np.uint8)


def test_a_large_jpeg_read_at_a_reduced_scale_looks_the_same():
    file = encoded(photograph(800), "JPEG", quality=95)
    whole = np.asarray(Image.open(io.BytesIO(file)).resize((64, 64), Image.Resampling.BILINEAR))
    quick = fitted(file, (64, 64), "squash", 3)
    assert np.abs(quick.astype(int) - whole).mean() < 1
    assert np.abs(quick.astype(int) - whole).max() <= 8


@pytest.mark.parametrize(("found", "channels"), [(3, 4), (1, 2), (4, 3), (2, 4)])
def test_other_channels_than_grey_and_rgb_turn_into_nothing(pixels, found, channels):
    with pytest.raises(Fault, match=rf"has {found} channels, and {channels} are wanted; give"):
        fitted(pixels(1, 6, 7, found)[0], (5, 4), "squash", channels)


@pytest.mark.parametrize(
    ("found", "asked", "channels"),
    [([1, 1], None, 1), ([1, 3], None, 3), ([3], 1, 1), ([1], 3, 3), ([4, 4], None, 4)],
)
def test_channels_are_those_asked_for_or_grey_where_all_images_are(found, asked, channels):
    assert wanted_channels(pd.Series(found), asked) == channels


@pytest.mark.parametrize(("found", "asked"), [([4], 3), ([2, 3], None)])
def test_channels_that_do_not_convert_are_refused(found, asked):
    with pytest.raises(Fault, match=r"preprocess.channels: the images have .* channels"):
        wanted_channels(pd.Series(found), asked)
