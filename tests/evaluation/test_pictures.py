"""Which images are worth looking at, and how they are shown."""

import base64
import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay.data.packed import Packed
from assay.evaluation.pictures import Explained, confused, explained, laid_over, pictures, worst

CLASSES = ["cat", "<dog>", "owl"]
#        label, prediction, loss
ROWS = [(0, 0, 0.1), (0, 0, 0.3), (0, 0, 0.2), (0, 1, 2.0), (0, 1, 3.0), (1, 1, 0.1), (1, 0, 9.0)]


@pytest.fixture
def table():
    labels, answers, losses = zip(*ROWS, strict=True)
    found = pd.DataFrame({"label": labels, "prediction": answers, "loss": losses})
    found["image"] = found["name"] = np.arange(len(found))
    found["confidence"] = 0.75
    unlabelled = pd.DataFrame([{"label": -1, "prediction": 0, "loss": np.nan, "image": 99}])
    return pd.concat([found, unlabelled], ignore_index=True)


@pytest.fixture
def packed():
    pixels = np.random.default_rng(0).integers(0, 256, (8, 10, 12, 3), np.uint8)
    names = pd.DataFrame({"name": [str(row) for row in range(8)]})
    return Packed(pixels, np.array([*(row[0] for row in ROWS), -1]), names, {})


def test_of_each_class_the_ordinary_right_answer_and_the_worst_wrong_one(table):
    assert explained(table, 3) == [Explained(2, 4), Explained(5, 6), Explained(None, None)]


def test_the_worst_mistakes_come_first(table):
    assert worst(table[table["label"] >= 0]) == [6, 4, 3]


def test_the_commonest_confusions_come_first(table):
    assert confused(table[table["label"] >= 0]) == [(0, 1, 2, [4, 3]), (1, 0, 1, [6])]


def test_all_are_shown_with_names_shares_and_heat_of_the_answer(table, packed):
    asked = []

    def heat(some, classes):
        asked.append((some.labels.tolist(), classes.tolist()))
        return np.ones((len(classes), 10, 12), np.float32)

    found = pictures(table, packed, CLASSES, heat)
    assert asked == [([0, 0, 1, 1], [0, 1, 1, 0])]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    first, second, third = found["explained"]
    assert first["wrong"]["label"] == "cat"
    assert first["wrong"]["answer"] == "<dog>"
    assert first["wrong"]["share"] == 0.75
    assert first["wrong"]["label_share"] == pytest.approx(np.exp(-3.0), abs=1e-4)
    assert first["right"]["heat"] != first["right"]["src"]
    assert second["right"]["answer"] == "<dog>"
    assert third == {"class": "owl", "right": None, "wrong": None}
    assert [one["label_share"] for one in found["worst"]] == [0.0001, 0.0498, 0.1353]
    assert found["worst"][0]["heat"] is None
    assert found["confused"][0]["times"] == len(found["confused"][0]["images"]) == 2
    data = base64.b64decode(first["right"]["src"].partition(",")[2])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), packed.images[2])


def test_a_network_without_mistakes_has_none_to_show(table, packed):
    right = table.assign(prediction=table["label"].clip(lower=0))
    found = pictures(right, packed, CLASSES, lambda some, to: np.zeros((len(to), 10, 12)))
    assert found["worst"] == found["confused"] == []
    assert all(one["wrong"] is None for one in found["explained"])


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_the_cold_stays_grey_and_the_warm_gets_colour(channels):
    image = np.full((2, 2, channels), 100, np.uint8)
    heat = np.array([[0.0, 0.5], [1.0, 0.0]])
    found = laid_over(image, heat)
    assert found[0, 0].tolist() == found[1, 1].tolist() == [100] * 3
    assert len(set(found[1, 0].tolist())) > 1
