"""Laws of colours: each is torchvision's by the same factor."""

import pytest
import torch
import torchvision.transforms.v2.functional as TF
from torch.testing import assert_close

from assay.data.augment.colour import brightened, contrasted, hue_shifted, jittered, saturated
from assay.params.augment import ColorJitter

PAIRS = {
    "brightness": (brightened, TF.adjust_brightness, (0.0, 0.3, 1.0, 1.7)),
    "contrast": (contrasted, TF.adjust_contrast, (0.0, 0.3, 1.0, 1.7)),
    "saturation": (saturated, TF.adjust_saturation, (0.0, 0.3, 1.0, 1.7)),
    "hue": (hue_shifted, TF.adjust_hue, (-0.5, -0.11, 0.0, 0.3)),
}
pairs = pytest.mark.parametrize(("ours", "theirs", "values"), PAIRS.values(), ids=PAIRS)


@pairs
@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 5, 9), (3, 20, 7)])
def test_each_is_torchvisions_by_the_same_value(ours, theirs, values, shape, images):
    given = images(4, *shape)
    given[0, :, :3] = given[0, :1, :3]  # grey, black and white, and channels that tie
    given[1, :, 0], given[1, :, 1] = 0, 1
    given[2, -1] = given[2, 0]
    got = ours(given, torch.tensor(values))
    wanted = torch.stack([theirs(one, value) for one, value in zip(given, values, strict=True)])
    assert_close(got, wanted, atol=2e-6, rtol=0)


@pytest.mark.parametrize("colour", [
    (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1), (1, 0, 1), (0.2, 0.2, 0.2),
])  # fmt: skip
def test_three_thirds_of_a_turn_pass_each_channel_on_and_come_home(colour):
    given = torch.tensor(colour, dtype=torch.float32).view(1, 3, 1, 1)
    third = hue_shifted(given, torch.tensor([1 / 3]))
    assert_close(third, given.roll(1, 1), atol=1e-6, rtol=0)
    assert_close(hue_shifted(given, torch.tensor([1.0])), given, atol=2e-6, rtol=0)


def test_all_four_are_brightness_contrast_saturation_and_hue_in_turn(images, seeded, draw):
    given = images(5, 3, 6, 7)
    jitter = ColorJitter(brightness=1.5, contrast=0.4, saturation=0.6, hue=0.3)
    got = jittered(given, jitter, seeded())
    again = draw(5)
    ranges = [(0, 2.5), (0.6, 1.4), (0.4, 1.6), (-0.3, 0.3)]
    values = [again.uniform(*range_).tolist() for range_ in ranges]
    for i, wanted in enumerate(given):
        for (_, theirs, _), value in zip(PAIRS.values(), values, strict=True):
            wanted = theirs(wanted, value[i])  # noqa: PLW2901
        assert_close(got[i], wanted, atol=1e-5, rtol=0)
