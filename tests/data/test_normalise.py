"""Laws of how the network sees pixels."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.testing import assert_close

from assay.data.normalise import Normaliser, unit
from assay.data.pack import pack
from assay.data.packed import unpack
from assay.data.prepare import preparations
from assay.params.augment import Augment

CPU = torch.device("cpu")


@pytest.fixture
def train(tmp_path, pixels):
    """A packed training split of two channels that differ in mean and spread."""
    source = pixels(20, 2, 6, 4) // np.array([1, 4], np.uint8).reshape(2, 1, 1)
    index = pd.DataFrame({"position": range(20), "row": range(20), "label": ["cat"] * 20})
    pack(source, index, ["cat", "dog"], size=(6, 4), folder=tmp_path)
    return unpack(tmp_path)


def test_unit_maps_bytes_onto_0_to_1_and_leaves_the_bytes_alone():
    bytes_ = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    got = unit(bytes_)
    assert_close(got.flatten(), torch.linspace(0, 1, 256))
    assert (got.min(), got.max()) == (0, 1)
    assert torch.equal(bytes_.flatten().long(), torch.arange(256))


def test_dataset_gives_the_training_set_mean_0_and_deviation_1_in_each_channel(train):
    normalise = Normaliser("dataset", train.meta["mean"], train.meta["deviation"], CPU)
    got = normalise(unit(torch.from_numpy(train.images)))
    assert_close(got.mean(dim=(0, 2, 3)), torch.zeros(2), atol=1e-6, rtol=0)
    assert_close(got.std(dim=(0, 2, 3), correction=0), torch.ones(2))


def test_unit_leaves_images_as_they_are(train):
    images = unit(torch.from_numpy(train.images))
    normalise = Normaliser("unit", train.meta["mean"], train.meta["deviation"], CPU)
    assert torch.equal(normalise(images), images)


def test_a_channel_that_never_varies_is_finite_and_other_values_of_it_too():
    normalise = Normaliser("dataset", [0.5, 0.5], [0.0, 0.25], CPU)
    images = torch.rand(3, 2, 4, 4)
    assert_close(normalise(images), (images - 0.5) / torch.tensor([1, 0.25]).view(1, 2, 1, 1))


def test_training_is_augmented_before_it_is_normalised_and_evaluation_is_not(train):
    meta = train.meta | {"mean": [0.5, 0.5], "deviation": [0.5, 0.5]}
    augment = Augment(pad_crop=6)
    random, plain = preparations(augment, "dataset", meta, CPU)
    pixels = torch.full((50, 2, 6, 4), 255, dtype=torch.uint8)
    assert torch.equal(plain(pixels), torch.ones(50, 2, 6, 4))
    got = random(pixels, torch.Generator().manual_seed(0))
    assert set(got.unique().tolist()) == {-1.0, 1.0}  # what comes in is black, then normalised


def test_preparing_leaves_the_packed_bytes_alone(train):
    before = train.images.copy()
    random, plain = preparations(Augment(rotate=20), "dataset", train.meta, CPU)
    pixels = torch.from_numpy(train.images)
    plain(pixels)
    random(pixels, torch.Generator())
    assert np.array_equal(train.images, before)
