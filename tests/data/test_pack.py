"""Laws of packing a split and of opening it again."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay.data import pack as packing
from assay.data.pack import pack, resized
from assay.data.packed import unpack

CLASSES = ["cat", "dog"]


def rows(positions, labels=None):
    """Images at these places of the source; their rows in the file are ten times the place."""
    return pd.DataFrame(
        {
            "position": positions,
            "row": [10 * position for position in positions],
            "label": pd.Series(labels or [None] * len(positions), dtype="string"),
        }
    )


@pytest.fixture
def packed(tmp_path):
    """Pack and open again."""

    def packed(source, index, size, name="train"):
        pack(source, index, CLASSES, size=size, folder=tmp_path / name)
        return unpack(tmp_path / name)

    return packed


def test_what_was_packed_comes_back_in_the_order_of_the_index(packed, pixels):
    source = pixels(5, 2, 6, 4)
    got = packed(source, rows([3, 0, 4], ["dog", "cat", "dog"]), (6, 4))
    assert np.array_equal(got.images, source[[3, 0, 4]])
    assert got.labels.tolist() == [1, 0, 1]
    assert got.rows.tolist() == [30, 0, 40]
    assert got.meta["classes"] == CLASSES


def test_images_without_a_label_have_the_label_minus_1(packed, pixels):
    assert packed(pixels(2, 1, 4, 4), rows([0, 1]), (4, 4)).labels.tolist() == [-1, -1]


def test_meta_tells_the_shape_before_and_after(packed, pixels):
    meta = packed(pixels(2, 3, 6, 4), rows([0, 1]), (5, 7)).meta
    assert (meta["source_shape"], meta["shape"]) == ([3, 6, 4], [3, 5, 7])


@pytest.mark.parametrize("size", [(6, 4), (5, 7)])
def test_mean_and_deviation_are_numpys_over_all_pixels_of_each_channel(packed, pixels, size):
    source = pixels(7, 3, 6, 4) // np.array([1, 2, 5], np.uint8).reshape(3, 1, 1)
    got = packed(source, rows([0, 2, 4, 6]), size)
    shares = got.images.astype(np.float64) / 255
    np.testing.assert_allclose(got.meta["mean"], shares.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(got.meta["deviation"], shares.std(axis=(0, 2, 3)), rtol=1e-9)


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_channel_that_never_varies_has_the_deviation_zero_exactly(packed, value):
    source = np.full((300, 1, 4, 4), value, np.uint8)
    assert packed(source, rows(list(range(300))), (4, 4)).meta["deviation"] == [0.0]


def test_packing_in_small_blocks_leaves_the_same_bytes(tmp_path, pixels, monkeypatch):
    source, index = pixels(7, 2, 6, 4), rows([6, 5, 4, 3, 2, 1, 0], ["cat"] * 7)
    for name, block in {"one": 1024, "many": 3}.items():
        monkeypatch.setattr(packing, "BLOCK", block)
        pack(source, index, CLASSES, size=(3, 3), folder=tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "many" / path.name).read_bytes()


def test_an_empty_split_is_packed_as_no_images_of_the_same_shape(packed, pixels):
    got = packed(pixels(2, 3, 6, 4), rows([]), (5, 7), name="unlabelled")
    assert got.images.shape == (0, 3, 5, 7)
    assert (len(got.labels), len(got.rows)) == (0, 0)
    assert np.isfinite(got.meta["mean"] + got.meta["deviation"]).all()


@pytest.mark.parametrize("change", ["a pixel", "a label", "the order"])
def test_the_hash_is_that_of_pixels_and_labels(packed, pixels, change):
    source, places, labels = pixels(2, 1, 4, 4), [0, 1], ["cat", "cat"]
    before = packed(source, rows(places, labels), (4, 4)).meta["hash"]
    assert packed(source.copy(), rows(places, labels), (4, 4)).meta["hash"] == before
    if change == "a pixel":
        source[1, 0, 3, 3] ^= 1
    elif change == "a label":
        labels = ["cat", "dog"]
    else:
        places = [1, 0]
    assert packed(source, rows(places, labels), (4, 4)).meta["hash"] != before


@pytest.mark.parametrize("size", [(3, 5), (12, 9), (8, 1), (6, 8)])
def test_a_grey_image_is_squashed_as_pillow_does(pixels, size):
    image = pixels(1, 1, 6, 7)
    wanted = Image.fromarray(image[0, 0]).resize(size[::-1], Image.Resampling.BILINEAR)
    assert np.array_equal(resized(image, size)[0, 0], np.asarray(wanted))


@pytest.mark.parametrize("size", [(3, 5), (12, 9)])
def test_a_colour_image_is_squashed_as_pillow_does_all_its_channels_at_once(pixels, size):
    images = pixels(2, 3, 6, 7)
    for image, got in zip(images, resized(images, size), strict=True):
        whole = Image.fromarray(image.transpose(1, 2, 0))
        wanted = np.asarray(whole.resize(size[::-1], Image.Resampling.BILINEAR))
        assert np.array_equal(got.transpose(1, 2, 0), wanted)


def test_an_image_of_the_right_size_keeps_its_bytes(pixels):
    images = pixels(2, 3, 6, 7)
    assert np.array_equal(resized(images, (6, 7)), images)


def test_opening_reads_nothing_and_writing_to_it_changes_no_file(packed, pixels, tmp_path):
    source = pixels(2, 1, 4, 4)
    got = packed(source, rows([0, 1]), (4, 4))
    assert isinstance(got.images, np.memmap)
    got.images[:] = 0
    assert np.array_equal(unpack(tmp_path / "train").images, source)
