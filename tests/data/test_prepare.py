"""Laws of what a network trains on."""

import pytest
import torch
from torch.testing import assert_close

from assay.data import prepare
from assay.data.augment import augmented
from assay.data.normalise import Normaliser
from assay.data.prepare import preparation
from assay.params.augment import Affine, Augment, ColorJitter, Erase, ResizedCrop

CPU = torch.device("cpu")
META = {"mean": [0.5, 0.4, 0.3], "deviation": [0.2, 0.3, 0.1]}
LABELS = torch.arange(12) % 4
PLAIN = Augment(
    hflip=0.5, pad_crop=2, resized_crop=ResizedCrop(), rotate=20, affine=Affine(shear=9),
    color_jitter=ColorJitter(brightness=0.2, hue=0.1), erase=Erase(),
)  # fmt: skip
CHANGES = {"off": Augment(), "bytes": Augment(hflip=0.5), "plain": PLAIN} | {
    name: PLAIN.model_copy(update=mix)
    for name, mix in {
        "mixup": {"mixup": 0.3}, "cutmix": {"cutmix": 1.0}, "both": {"mixup": 0.3, "cutmix": 1.0}
    }.items()
}  # fmt: skip
changes = pytest.mark.parametrize("augment", CHANGES.values(), ids=CHANGES)
kinds = pytest.mark.parametrize("kind", ["unit", "dataset", "imagenet", "per_image"])


@pytest.fixture
def batch(pixels):
    return torch.from_numpy(pixels(12, 9, 7, 3)).permute(0, 3, 1, 2)


def prepared(augment, batch, kind="dataset", seed=0):
    """Inputs and targets of a batch, from a generator of this seed."""
    generator = torch.Generator().manual_seed(seed)
    return preparation(augment, Normaliser(kind, META, CPU), 4)(batch, LABELS, generator)


@changes
@kinds
def test_inputs_are_floats_in_channels_last_memory_and_the_bytes_stay(augment, kind, batch):
    before = batch.clone()
    inputs, _ = prepared(augment, batch, kind)
    assert (inputs.shape, inputs.dtype) == (batch.shape, torch.float32)
    assert inputs.is_contiguous(memory_format=torch.channels_last)
    assert inputs.isfinite().all()
    assert torch.equal(batch, before)


@changes
def test_the_same_seed_repeats_inputs_and_targets(augment, batch):
    for first, again in zip(prepared(augment, batch), prepared(augment, batch), strict=True):
        assert torch.equal(first, again)
    assert torch.equal(prepared(augment, batch, seed=1)[0], prepared(augment, batch)[0]) == (
        augment == Augment()
    )


@kinds
def test_training_is_augmented_before_it_is_normalised(kind, batch):
    inputs, targets = prepared(PLAIN, batch, kind)
    images = augmented(batch, PLAIN, torch.Generator().manual_seed(0))
    assert_close(inputs, Normaliser(kind, META, CPU)(images))
    assert targets is LABELS


@pytest.mark.parametrize("name", ["mixup", "cutmix", "both"])
def test_images_mix_before_they_are_normalised_and_their_labels_by_as_much(name, batch):
    bright = (LABELS * 80).to(torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 9, 7)
    mix = Augment(mixup=CHANGES[name].mixup, cutmix=CHANGES[name].cutmix)
    inputs, targets = prepared(mix, bright, "unit")
    light = targets @ (torch.arange(4) * 80 / 255)  # what the target says the image holds
    assert_close(inputs.mean((1, 2, 3)), light)
    deviations = prepared(mix, batch, "per_image")[0].std((2, 3), correction=0)
    assert_close(deviations, torch.ones(12, 3))


@changes
def test_a_batch_in_parts_differs_from_its_neighbours_and_repeats_itself(
    augment, batch, monkeypatch
):
    monkeypatch.setattr(prepare, "CACHED", 5 * 9 * 7 * 3)  # parts of 5, 5 and 2
    same = batch[:1].expand(12, -1, -1, -1)
    inputs, targets = prepared(augment, same)
    again, _ = prepared(augment, same)
    assert torch.equal(inputs, again)
    assert (len(inputs), len(targets)) == (12, 12)
    if augment.rotate:
        assert len({tuple(image.flatten().tolist()) for image in inputs}) == 12
