"""Laws of how the network sees pixels."""

import pytest
import torch
from torch.testing import assert_close
from torchvision.transforms.v2.functional import normalize

from assay.data.normalise import IMAGENET_DEVIATION, IMAGENET_MEAN, Normaliser, standardised, unit
from assay.fault import Fault

CPU = torch.device("cpu")
KINDS = ["unit", "dataset", "imagenet", "per_image"]
kinds = pytest.mark.parametrize("kind", KINDS)


def meta(*moments):
    """What a pack says of its channels: (mean, deviation) of each."""
    return {"mean": [mean for mean, _ in moments], "deviation": [d for _, d in moments]}


THREE = meta((0.5, 0.2), (0.4, 0.3), (0.3, 0.1))


@pytest.fixture
def batch(pixels):
    """Bytes n c h w in channels-last memory, of channels that differ in mean and spread."""
    dim = torch.tensor([1, 4, 2], dtype=torch.uint8)
    return (torch.from_numpy(pixels(20, 6, 4, 3)) // dim).permute(0, 3, 1, 2)


def test_unit_maps_bytes_onto_0_to_1_and_leaves_the_bytes_alone():
    bytes_ = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    got = unit(bytes_)
    assert_close(got.flatten(), torch.linspace(0, 1, 256))
    assert (got.min(), got.max()) == (0, 1)
    assert torch.equal(bytes_.flatten().long(), torch.arange(256))


@kinds
def test_inputs_are_new_floats_in_channels_last_memory(kind, batch):
    normalise, before = Normaliser(kind, THREE, CPU), batch.clone()
    for given in (batch, batch.contiguous(), unit(batch), unit(batch).contiguous()):
        kept = given.clone()
        got = normalise(given)
        assert got.dtype == torch.float32
        assert got.is_contiguous(memory_format=torch.channels_last)
        assert torch.equal(given, kept)
        assert_close(got, normalise(before), check_stride=False)


def test_dataset_gives_the_training_set_mean_0_and_deviation_1_in_each_channel(batch):
    deviation, mean = torch.std_mean(batch / 255, dim=(0, 2, 3), correction=0)
    moments = meta(*zip(mean.tolist(), deviation.tolist(), strict=True))
    got = Normaliser("dataset", moments, CPU)(batch)
    assert_close(got.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-6, rtol=0)
    assert_close(got.std(dim=(0, 2, 3), correction=0), torch.ones(3))


def test_unit_normalises_nothing(batch):
    assert_close(Normaliser("unit", THREE, CPU)(batch), batch / 255, check_stride=False)


def test_imagenet_is_torchvisions_of_the_moments_of_imagenet(batch):
    got = Normaliser("imagenet", THREE, CPU)(batch)
    assert_close(got, normalize(batch / 255, IMAGENET_MEAN, IMAGENET_DEVIATION), check_stride=False)


def test_imagenet_of_other_than_three_channels_is_refused_in_words():
    with pytest.raises(Fault, match="imagenet is for 3 channels, and these images have 1; choose"):
        Normaliser("imagenet", meta((0.5, 0.2)), CPU)


def test_per_image_gives_each_channel_of_each_image_mean_0_and_deviation_1(batch):
    got = Normaliser("per_image", THREE, CPU)(batch)
    assert_close(got.mean(dim=(2, 3)), torch.zeros(20, 3), atol=1e-5, rtol=0)
    assert_close(got.std(dim=(2, 3), correction=0), torch.ones(20, 3))


def test_per_image_does_not_feel_the_other_images_nor_a_change_of_light(batch):
    images = unit(batch)
    assert_close(standardised(images[3:5]), standardised(images)[3:5])
    assert_close(standardised(images * 0.8 + 0.1), standardised(images), atol=1e-5, rtol=1e-5)


def test_a_flat_channel_of_an_image_is_0_and_one_nearly_flat_stays_small():
    flat = torch.full((2, 1, 8, 8), 0.7)
    assert_close(standardised(flat), torch.zeros(2, 1, 8, 8), atol=1e-4, rtol=0)
    flat[1, 0, 0, 0] += 1e-4
    assert standardised(flat).abs().max() < 0.1


def test_a_channel_that_never_varies_is_finite_and_other_values_of_it_too():
    normalise = Normaliser("dataset", meta((0.5, 0.0), (0.5, 0.25)), CPU)
    images = torch.rand(3, 2, 4, 4)
    wanted = (images - 0.5) / torch.tensor([1, 0.25]).view(1, 2, 1, 1)
    assert_close(normalise(images), wanted, check_stride=False)
