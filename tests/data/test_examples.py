"""Laws of the pictures of duplicates: the worst first, small, and of the image they name."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay.data.duplicates import duplicates
from assay.data.examples import GROUPS, IMAGES, examples
from assay.data.picture import SIDE, picture


def table(*rows):
    """Rows like `train cat 1` (split, label, hash); `-` is no label."""
    split, label, hash_ = zip(*(row.split() for row in rows), strict=True)
    labels = pd.Series([None if name == "-" else name for name in label], dtype="string")
    names = [f"{i}.png" for i in range(len(rows))]
    looks = pd.array([None] * len(rows), dtype="UInt64")
    return pd.DataFrame(
        {"name": names, "split": split, "label": labels, "hash": hash_, "phash": looks}
    )


def shown(*rows, near=None):
    """Examples of images whose one grey tells their row."""
    found = table(*rows)
    found["near"] = duplicates(found, 4) if near is None else near
    return examples(found, lambda row: np.full((4, 4, 1), row, np.uint8))


def opened(uri):
    return Image.open(io.BytesIO(base64.b64decode(uri.split("base64,")[1])))


def test_contradicting_labels_come_first_then_shared_images_then_the_rest():
    found = shown(
        "train cat 1", "train cat 1", "train cat 2", "test cat 2", "train cat 3", "train dog 3",
        "train cat 4", "test dog 4",
    )  # fmt: skip
    names = [[one["name"] for one in group["images"]] for group in found]
    assert names == [["6.png", "7.png"], ["4.png", "5.png"], ["2.png", "3.png"], ["0.png", "1.png"]]
    kinds = [(group["conflicting"], group["across"]) for group in found]
    assert kinds == [(True, True), (True, False), (False, True), (False, False)]


def test_each_picture_is_that_of_the_row_it_names():
    for one in shown("val emu 9", "train cat 1", "test - 1", "train cat 1")[0]["images"]:
        assert f"{opened(one['src']).getpixel((0, 0))}.png" == one["name"]


def test_groups_and_members_are_few_and_show_every_side():
    rows = [f"train cat {i % 40}" for i in range(200)] + ["test dog 7"]
    found = shown(*rows)
    assert len(found) == GROUPS
    assert found[0]["more"] == 6 - IMAGES
    assert len(found[0]["images"]) == IMAGES
    assert {one["label"] for one in found[0]["images"]} == {"cat", "dog"}


def test_near_images_follow_the_equal_ones_and_neither_shows_the_other():
    rows = ["train cat 1", "train cat 2", "val cat 3", "val cat 3"]
    found = shown(*rows, near=np.array([0, 0, 1, 1]))
    names = [[one["name"] for one in group["images"]] for group in found]
    assert [group["kind"] for group in found] == ["equal", "near-equal"]
    assert names == [["2.png", "3.png"], ["0.png", "1.png"]]


def test_where_nothing_repeats_nothing_is_read():
    rows = table("train cat 1", "test cat 2").assign(near=[0, 1])
    assert examples(rows, None) == []


@pytest.mark.parametrize("shape", [(5, 7, 1), (5, 7, 3), (300, 200, 3), (1, 900, 1), (48, 49, 3)])
def test_pictures_are_small_and_keep_their_proportions(shape):
    image = np.zeros(shape, np.uint8)
    drawn = opened(picture(image))
    height, width = shape[:2]
    assert max(drawn.size) == min(SIDE, max(height, width))
    assert abs(drawn.width / drawn.height - width / height) < 0.1 or 1 in drawn.size


def test_tiny_pictures_lose_nothing():
    image = np.random.default_rng(0).integers(0, 256, (28, 28, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(opened(picture(image))), image)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
def test_images_of_any_number_of_channels_can_be_seen(channels):
    assert np.asarray(opened(picture(np.full((8, 8, channels), 77, np.uint8)))).mean() == 77
