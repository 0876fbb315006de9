"""Laws of the one resampling; torchvision's functions on single images are the reference."""

import math

import pytest
import torch
import torchvision.transforms.v2.functional as TF
from torch.testing import assert_close
from torchvision.transforms.v2 import InterpolationMode, RandomResizedCrop

from assay.data.augment.warp import Crop, drawn_crops, resampled, rotations, warped
from assay.params.augment import Affine, ResizedCrop

BILINEAR = InterpolationMode.BILINEAR
OFF = {"crop": None, "degrees": 0.0, "affine": Affine()}
shapes = pytest.mark.parametrize("shape", [(3, 12, 12), (1, 9, 16), (2, 20, 7)])


@shapes
@pytest.mark.parametrize("degrees", [10, 180])
def test_rotate_is_torchvisions_by_the_drawn_angle(shape, degrees, images, seeded, draw):
    given = images(8, *shape)
    got = warped(given, **OFF | {"degrees": degrees}, generator=seeded())
    for i, angle in enumerate(draw(8).uniform(-degrees, degrees).tolist()):
        wanted = TF.rotate(given[i], -angle, BILINEAR)  # its angles go the other way
        assert_close(got[i], wanted, atol=1e-4, rtol=0)


@shapes
@pytest.mark.parametrize("affine", [
    Affine(translate=0.3), Affine(scale=(0.7, 1.4)), Affine(shear=30),
    Affine(translate=0.2, scale=(0.8, 1.1), shear=15),
], ids=["translate", "scale", "shear", "together"])  # fmt: skip
def test_affine_is_torchvisions_by_the_drawn_numbers(shape, affine, images, seeded, draw):
    given, (_, h, w) = images(8, *shape), shape
    got = warped(given, **OFF | {"affine": affine}, generator=seeded())
    again = draw(8)
    scale = again.uniform(*affine.scale).tolist()
    slant = again.uniform(-affine.shear, affine.shear).tolist()
    right = again.uniform(-affine.translate * w, affine.translate * w).tolist()
    down = again.uniform(-affine.translate * h, affine.translate * h).tolist()
    for i in range(8):
        wanted = TF.affine(
            given[i],
            angle=0,
            translate=[right[i], down[i]],
            scale=scale[i],
            shear=[-slant[i], 0.0],  # its shears go the other way
            interpolation=BILINEAR,
        )
        assert_close(got[i], wanted, atol=1e-4, rtol=0)


@shapes
@pytest.mark.parametrize("antialias", [True, False])  # a crop is only ever enlarged
def test_resized_crop_is_torchvisions_by_the_drawn_box(shape, antialias, images, seeded, draw):
    given, (_, h, w) = images(8, *shape), shape
    got = warped(given, **OFF | {"crop": ResizedCrop()}, generator=seeded())
    boxes = drawn_crops(draw(8), h, w, (0.08, 1.0), (0.75, 1.3333))
    for i, box in enumerate(torch.stack(boxes, 1).int().tolist()):
        wanted = TF.resized_crop(given[i], *box, [h, w], BILINEAR, antialias=antialias)
        assert_close(got[i], wanted, atol=1e-4, rtol=0)


@shapes
def test_crop_then_turn_then_move_in_one_is_sampled_once(shape, images, seeded, draw):
    """On an image that changes evenly, bilinear samples lose nothing: one or three are the same."""
    _, h, w = shape
    ramp = torch.arange(h)[:, None] / h + torch.arange(w) / (2 * w)
    given = ramp.expand(6, *shape) / 2
    crop, affine = ResizedCrop(scale=(0.4, 0.9)), Affine(translate=0.05, scale=(1.1, 1.3), shear=5)
    got = warped(given, crop=crop, degrees=10, affine=affine, generator=seeded())
    again = draw(6)
    boxes = drawn_crops(again, h, w, crop.scale, crop.ratio)
    angle = again.uniform(-10, 10).tolist()
    scale, slant = again.uniform(*affine.scale).tolist(), again.uniform(-5, 5).tolist()
    right, down = (again.uniform(-0.05 * side, 0.05 * side).tolist() for side in (w, h))
    for i, box in enumerate(torch.stack(boxes, 1).int().tolist()):
        wanted = TF.resized_crop(given[i], *box, [h, w], BILINEAR)
        wanted = TF.rotate(wanted, -angle[i], BILINEAR)
        wanted = TF.affine(
            wanted, 0.0, [right[i], down[i]], scale[i], [-slant[i], 0.0], interpolation=BILINEAR
        )
        middle = (slice(None), slice(h // 3, h - h // 3), slice(w // 3, w - w // 3))
        assert_close(got[i][middle], wanted[middle], atol=5e-3, rtol=0)


def test_a_turn_after_a_crop_is_black_outside_as_the_turn_alone_is(images, draw):
    white = torch.ones(8, 1, 12, 20)
    turns = rotations(draw(8), 90)
    whole = Crop(*(torch.full((8,), float(v)) for v in (0, 0, 12, 20)))
    part = Crop(*(torch.full((8,), float(v)) for v in (3, 2, 5, 11)))
    wanted = resampled(white, turns, None)
    assert_close(resampled(white, turns, part), wanted)
    given = images(8, 3, 12, 20)
    assert_close(resampled(given, turns, whole), resampled(given, turns, None), atol=1e-4, rtol=0)


def test_no_map_and_no_crop_move_nothing(images):
    given = images(2, 3, 7, 9)
    assert_close(resampled(given, torch.eye(2, 3).expand(2, 2, 3), None), given)


def test_a_quarter_turn_is_exactly_that_on_a_square(images):
    given = images(1, 2, 8, 8)
    back = torch.tensor([[[0.0, 1, 0], [-1, 0, 0]]])
    assert_close(resampled(given, back, None), given.rot90(-1, dims=(2, 3)))


def test_the_drawn_angles_fill_their_range(draw):
    maps = rotations(draw(2000), 30)
    angles = torch.atan2(maps[:, 0, 1], maps[:, 0, 0]).rad2deg()
    assert angles.abs().max() <= 30 + 1e-4
    assert angles.min() < -29
    assert angles.max() > 29
    assert abs(angles.mean()) < 2


@pytest.mark.parametrize("size", [(32, 32), (20, 60)])
def test_crops_have_the_shares_and_ratios_of_torchvisions(size, draw):
    torch.manual_seed(0)
    theirs = RandomResizedCrop(8)
    wanted = [theirs.make_params([torch.empty(1, *size)]) for _ in range(2000)]
    ours = drawn_crops(draw(4000), *size, (0.08, 1.0), (0.75, 1.3333))
    for name in Crop._fields:
        got = getattr(ours, name)
        mean = sum(one[name] for one in wanted) / len(wanted)
        assert got.mean().item() == pytest.approx(mean, abs=0.06 * max(size) / math.sqrt(2))
    assert (ours.top + ours.height).max() == size[0]
    assert (ours.left + ours.width).max() == size[1]
    assert min(ours.top.min(), ours.left.min()) == 0


def test_where_no_box_fits_the_central_one_of_the_nearest_ratio_is_taken(draw):
    crop = drawn_crops(draw(3), 10, 100, (1.0, 1.0), (0.75, 1.3333))
    assert [value.tolist() for value in crop] == [[0] * 3, [43] * 3, [10] * 3, [13] * 3]
