"""Laws of augmentation; torchvision's functions on single images are the reference."""

import math

import pytest
import torch
import torchvision.transforms.functional as TF
from torch.testing import assert_close
from torchvision.transforms import InterpolationMode

from assay.data.augment import augmented, pad_crop, rotations, warped
from assay.params.augment import Affine, Augment

SHAPES = [(3, 12, 12), (1, 9, 16), (2, 20, 7)]
ALONE = {
    "pad_crop": Augment(pad_crop=3),
    "rotate": Augment(rotate=30),
    "translate": Augment(affine=Affine(translate=0.3)),
    "scale": Augment(affine=Affine(scale=(0.7, 1.4))),
    "shear": Augment(affine=Affine(shear=30)),
    "all": Augment(pad_crop=2, rotate=20, affine=Affine(translate=0.1, scale=(0.8, 1), shear=9)),
}
alone = pytest.mark.parametrize("augment", ALONE.values(), ids=ALONE)
BILINEAR = InterpolationMode.BILINEAR


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def images(n, c, h, w):
    return torch.rand(n, c, h, w, generator=seeded(1))


def uniform(n, low, high, generator):
    """What a uniform augmentation draws: the same numbers from a generator of the same seed."""
    return (low + (high - low) * torch.rand(n, generator=generator)).tolist()


def test_all_off_is_the_identity_and_draws_nothing():
    given, generator = images(3, 2, 8, 9), seeded()
    before = generator.get_state()
    assert torch.equal(augmented(given, Augment(), generator), given)
    assert torch.equal(generator.get_state(), before)


@pytest.mark.parametrize("augment", [Augment(), ALONE["all"]], ids=["off", "on"])
def test_what_was_given_is_left_alone(augment):
    given = images(3, 2, 8, 9)
    before = given.clone()
    augmented(given, augment, seeded())
    assert torch.equal(given, before)


@alone
def test_the_same_seed_repeats_it_and_another_does_not(augment):
    given = images(4, 1, 10, 10)
    first = augmented(given, augment, seeded(5))
    assert torch.equal(augmented(given, augment, seeded(5)), first)
    assert not torch.equal(augmented(given, augment, seeded(6)), first)


@alone
def test_each_image_of_a_batch_draws_its_own_numbers(augment):
    same = images(1, 1, 10, 10).expand(8, -1, -1, -1)
    got = augmented(same, augment, seeded())
    assert len({tuple(image.flatten().tolist()) for image in got}) == 8


@alone
@pytest.mark.parametrize("shape", SHAPES)
def test_shape_type_and_range_are_kept(augment, shape):
    given = images(6, *shape)
    got = augmented(given, augment, seeded())
    assert (got.shape, got.dtype) == (given.shape, given.dtype)
    assert got.min() >= 0
    assert got.max() <= 1 + 1e-6


@alone
def test_channels_are_moved_alike(augment):
    given = images(4, 1, 10, 10).expand(-1, 3, -1, -1)
    got = augmented(given, augment, seeded())
    assert torch.equal(got[:, 0], got[:, 1])
    assert torch.equal(got[:, 0], got[:, 2])


@alone
@pytest.mark.parametrize("shape", SHAPES)
def test_the_memory_order_does_not_matter(augment, shape):
    given = images(4, *shape)
    last = given.contiguous(memory_format=torch.channels_last)
    got = augmented(last, augment, seeded())
    assert_close(got, augmented(given, augment, seeded()), check_stride=False)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pixels", [1, 4, 25])
def test_pad_crop_is_a_crop_of_the_padded_image(shape, pixels):
    given = images(8, *shape)
    got = pad_crop(given, pixels, seeded())
    down, right = torch.randint(0, 2 * pixels + 1, (2, 8), generator=seeded()).tolist()
    for i in range(8):
        padded = TF.pad(given[i], pixels)
        assert torch.equal(got[i], TF.crop(padded, down[i], right[i], *shape[1:]))


def test_pad_crop_reaches_every_shift_up_to_its_pixels_and_none_beyond():
    given = torch.zeros(600, 1, 9, 9)
    given[:, :, 4, 4] = 1
    places = pad_crop(given, 2, seeded()).nonzero()[:, 2:].tolist()
    assert {tuple(place) for place in places} == {(y, x) for y in range(2, 7) for x in range(2, 7)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("degrees", [10, 180])
def test_rotate_is_torchvisions_by_the_drawn_angle(shape, degrees):
    given = images(8, *shape)
    got = augmented(given, Augment(rotate=degrees), seeded())
    for i, angle in enumerate(uniform(8, -degrees, degrees, seeded())):
        wanted = TF.rotate(given[i], -angle, BILINEAR)  # its angles go the other way
        assert_close(got[i], wanted, atol=1e-4, rtol=0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("affine", [
    Affine(translate=0.3), Affine(scale=(0.7, 1.4)), Affine(shear=30),
    Affine(translate=0.2, scale=(0.8, 1.1), shear=15),
], ids=["translate", "scale", "shear", "together"])  # fmt: skip
def test_affine_is_torchvisions_by_the_drawn_numbers(shape, affine):
    given, (_, h, w) = images(8, *shape), shape
    got = augmented(given, Augment(affine=affine), seeded())
    draw = seeded()
    factor = uniform(8, *affine.scale, draw)
    slant = uniform(8, -affine.shear, affine.shear, draw)
    right = uniform(8, -affine.translate, affine.translate, draw)
    down = uniform(8, -affine.translate, affine.translate, draw)
    for i in range(8):
        wanted = TF.affine(
            given[i],
            angle=0,
            translate=[right[i] * w, down[i] * h],
            scale=factor[i],
            shear=[-slant[i], 0.0],  # its shears go the other way
            interpolation=BILINEAR,
        )
        assert_close(got[i], wanted, atol=1e-4, rtol=0)


def test_a_quarter_turn_is_exactly_that_on_a_square():
    given = images(1, 2, 8, 8)
    map_ = torch.tensor([[[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]])
    assert_close(warped(given, map_), given.rot90(-1, dims=(2, 3)))


def test_rotate_and_affine_together_are_the_rotation_then_the_affine_resampled_once():
    given = images(6, 1, 12, 20)
    augment = Augment(rotate=40, affine=Affine(translate=0.1, scale=(0.7, 1), shear=20))
    got = augmented(given, augment, seeded())
    draw = seeded()
    angle = [math.radians(a) for a in uniform(6, -40, 40, draw)]
    factor = uniform(6, 0.7, 1, draw)
    slant = [math.tan(math.radians(a)) for a in uniform(6, -20, 20, draw)]
    right, down = uniform(6, -0.1, 0.1, draw), uniform(6, -0.1, 0.1, draw)
    for i in range(6):
        cos, sin, scale, tan = math.cos(angle[i]), math.sin(angle[i]), factor[i], slant[i]
        turn = torch.tensor([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        move = torch.tensor(
            [[scale, scale * tan, 2 * right[i]], [0, scale, 2 * down[i]], [0, 0, 1]]
        )
        assert_close(got[i : i + 1], warped(given[i : i + 1], (move @ turn)[None]))


def test_the_drawn_angles_fill_their_range():
    maps = rotations(2000, 30, seeded())
    angles = torch.atan2(maps[:, 1, 0], maps[:, 0, 0]).rad2deg()
    assert angles.abs().max() <= 30 + 1e-4
    assert angles.min() < -29
    assert angles.max() > 29
    assert abs(angles.mean()) < 2
