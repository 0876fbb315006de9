"""Laws that hold for every augmentation, alone and all together."""

import pytest
import torch
from torch.testing import assert_close

from assay.data.augment import augmented
from assay.fault import Fault
from assay.params.augment import Affine, Augment, ColorJitter, Erase, ResizedCrop

JITTER = ColorJitter(brightness=0.4, contrast=0.4, saturation=0.4, hue=0.2)
AFFINE = Affine(translate=0.1, scale=(0.8, 1.2), shear=9)
ALONE = {
    "hflip": Augment(hflip=0.5),
    "pad_crop": Augment(pad_crop=3),
    "resized_crop": Augment(resized_crop=ResizedCrop()),
    "rotate": Augment(rotate=30),
    "affine": Augment(affine=AFFINE),
    "color_jitter": Augment(color_jitter=JITTER),
    "erase": Augment(erase=Erase(probability=0.9)),
}
ALL = Augment(
    hflip=0.5, pad_crop=2, resized_crop=ResizedCrop(scale=(0.5, 1)), rotate=20, affine=AFFINE,
    color_jitter=JITTER, erase=Erase(),
)  # fmt: skip
each = pytest.mark.parametrize("augment", [*ALONE.values(), ALL], ids=[*ALONE, "all"])
shapes = pytest.mark.parametrize("shape", [(3, 12, 12), (1, 9, 16), (3, 20, 7)])


def test_all_off_is_the_identity_and_draws_nothing(pixels, seeded):
    given, generator = pixels(3, 2, 8, 9), seeded()
    before = generator.get_state()
    assert_close(augmented(given, Augment(), generator), given / 255, check_stride=False)
    assert torch.equal(generator.get_state(), before)


@each
def test_what_is_given_is_left_alone(augment, pixels, seeded):
    given = pixels(3, 3, 8, 9)
    before = given.clone()
    augmented(given, augment, seeded())
    assert torch.equal(given, before)


@each
def test_the_same_seed_repeats_it_and_another_does_not(augment, pixels, seeded):
    given = pixels(6, 3, 10, 10)
    first = augmented(given, augment, seeded(5))
    assert torch.equal(augmented(given, augment, seeded(5)), first)
    assert not torch.equal(augmented(given, augment, seeded(6)), first)


@each
def test_each_image_of_a_batch_draws_its_own_numbers(augment, pixels, seeded):
    same = pixels(1, 3, 10, 10).expand(64, -1, -1, -1)
    got = augmented(same, augment, seeded())
    found = {tuple(image.flatten().tolist()) for image in got}
    assert len(found) == 2 if augment.hflip and not augment.rotate else len(found) > 30


@each
@shapes
def test_the_other_images_do_not_matter(augment, shape, pixels, seeded):
    given = pixels(6, *shape)
    others = given.clone()
    others[[0, 1, 3, 5]] = 255 - others[[0, 1, 3, 5]]
    one, two = augmented(given, augment, seeded()), augmented(others, augment, seeded())
    assert torch.equal(one[[2, 4]], two[[2, 4]])


@each
@shapes
def test_shape_and_range_are_kept_in_floats(augment, shape, pixels, seeded):
    got = augmented(pixels(8, *shape), augment, seeded())
    assert (got.shape, got.dtype) == ((8, *shape), torch.float32)
    assert got.min() >= 0
    assert got.max() <= 1 + 1e-6


@each
@shapes
def test_the_memory_order_does_not_matter(augment, shape, pixels, seeded):
    given = pixels(4, *shape)
    got = augmented(given.contiguous(), augment, seeded())
    assert_close(got, augmented(given, augment, seeded()), check_stride=False)


@each
def test_the_channels_of_a_grey_image_in_rgb_stay_alike(augment, pixels, seeded):
    got = augmented(pixels(8, 1, 10, 10).expand(-1, 3, -1, -1), augment, seeded())
    assert_close(got[:, 0], got[:, 1])
    assert_close(got[:, 0], got[:, 2])


@pytest.mark.parametrize("name", sorted(set(ALONE) - {"color_jitter"}))
def test_any_number_of_channels_will_do(name, pixels, seeded):
    assert augmented(pixels(2, 5, 8, 8), ALONE[name], seeded()).shape == (2, 5, 8, 8)


def test_colours_need_one_or_three_channels(pixels, seeded):
    with pytest.raises(Fault, match=r"color_jitter: images have 2 channels, and it knows grey"):
        augmented(pixels(2, 2, 8, 8), ALONE["color_jitter"], seeded())


def test_flip_and_crop_come_before_the_warp_and_colours_before_the_black_box(pixels, seeded):
    white = torch.full_like(pixels(30, 3, 12, 12), 255)
    dim = Augment(color_jitter=ColorJitter(brightness=0.5), erase=Erase(probability=1.0))
    got = augmented(white, dim, seeded()).flatten(1)
    assert (got == 0).any(1).all()  # no contrast or brightness has lifted the box from black
    turned = augmented(white, Augment(pad_crop=6, rotate=45), seeded())
    corners = turned[:, :, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 0).float().mean() > 0.3
