"""Laws of the pictures of the worst duplicates."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay.data.examples import GROUPS, IMAGES, SIDE, examples


def table(*rows):
    """Rows like `train cat 1f a`: split, label, hash, looks."""
    cells = [row.split() for row in rows]
    columns = dict(zip(["split", "label", "hash", "looks"], zip(*cells, strict=True), strict=True))
    frame = pd.DataFrame(columns)
    frame["near"] = pd.factorize(frame.pop("looks"))[0]
    frame["label"] = frame["label"].where(frame["label"] != "-", None)
    return frame.assign(name=[f"{n}.png" for n in range(len(frame))])


def grey(row):
    """A picture that is as bright as its row is high."""
    return np.full((200, 100, 3), 10 * row, np.uint8)


def shown(image):
    kind, _, text = image["src"].partition(";base64,")
    assert kind in {"data:image/png", "data:image/jpeg"}
    return Image.open(io.BytesIO(base64.b64decode(text)))


def test_a_group_shows_small_pictures_of_its_own_images():
    (group,) = examples(table("train cat 1 a", "val - 1 a", "train dog 2 b"), grey)
    assert [image["name"] for image in group["images"]] == ["0.png", "1.png"]
    assert [image["split"] for image in group["images"]] == ["train", "val"]
    assert [image["label"] for image in group["images"]] == ["cat", ""]
    for row, image in enumerate(group["images"]):
        assert shown(image).size == (SIDE // 2, SIDE)
        assert abs(int(np.asarray(shown(image)).mean()) - 10 * row) <= 1


def test_equal_images_come_before_near_equal_ones_and_the_worst_of_each_first():
    rows = ["train a 1 x", "train a 1 x", "train a 2 y", "val a 2 y", "val a 3 z", "val b 3 z"]
    near = ["train a 4 v", "test a 5 v", "train a 6 w", "train b 7 w"]
    groups = examples(table(*rows, *near), grey)
    assert [group["kind"] for group in groups] == ["equal"] * 3 + ["near-equal"] * 2
    assert [group["conflicting"] for group in groups] == [True, False, False, True, False]
    assert [group["across"] for group in groups] == [False, True, False, False, True]


def test_a_large_group_shows_first_what_differs_and_tells_how_many_are_left():
    rows = ["train a 1 x"] * 6 + ["val b 1 x"]
    (group,) = examples(table(*rows), grey)
    assert len(group["images"]) == IMAGES
    assert [image["label"] for image in group["images"][:2]] == ["a", "b"]
    assert group["more"] == 3


def test_only_the_worst_groups_are_shown():
    rows = [f"train a {n // 2} {n // 2}" for n in range(2 * GROUPS + 2)]
    assert len(examples(table(*rows), grey)) == GROUPS


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_images_of_any_number_of_channels_can_be_seen(channels):
    pixels = np.full((8, 8, channels), 77, np.uint8)
    (group,) = examples(table("train a 1 x", "train a 1 x"), lambda row: pixels)
    assert np.asarray(shown(group["images"][0])).mean() == 77


def test_where_nothing_repeats_nothing_is_read():
    assert examples(table("train a 1 x", "train a 2 y"), None) == []
