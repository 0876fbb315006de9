"""Laws of erasing: one black box, of the sizes and as often as torchvision's."""

import pytest
import torch
from torchvision.transforms.v2 import RandomErasing

from assay.data.augment.erase import erased
from assay.params.augment import Erase


def boxes(kept):
    """Top, left, height and width of the black box of each image, and that it is one."""
    found = []
    for image in kept[kept.eq(0).flatten(1).any(1)]:
        rows, columns = image.eq(0).any(1).nonzero()[:, 0], image.eq(0).any(0).nonzero()[:, 0]
        top, left = int(rows.min()), int(columns.min())
        height, width = int(rows.max()) - top + 1, int(columns.max()) - left + 1
        assert image.eq(0).sum() == height * width
        found.append((top, left, height, width))
    return found


@pytest.mark.parametrize("shape", [(3, 12, 12), (1, 9, 16), (2, 20, 7)])
def test_a_box_goes_black_in_every_channel_and_the_rest_stays(shape, images, seeded):
    given = images(40, *shape) + 0.1
    got = erased(given, Erase(probability=1.0), seeded())
    same = got == given
    assert torch.equal(same, got != 0)
    assert torch.equal(same, same[:, :1].expand_as(same))
    assert len(set(boxes(got[:, 0]))) > 20


@pytest.mark.parametrize("size", [(32, 32), (16, 40)])
def test_boxes_are_as_large_and_where_torchvisions_are(size, seeded):
    torch.manual_seed(0)
    theirs = RandomErasing(p=1.0)
    ours = erased(torch.ones(2000, 1, *size), Erase(probability=1.0), seeded())
    got = torch.tensor(boxes(ours[:, 0]), dtype=torch.float32)
    made = [theirs.make_params([torch.empty(1, *size)]) for _ in range(2000)]
    wanted = torch.tensor([[one[key] for key in "ijhw"] for one in made], dtype=torch.float32)
    assert torch.allclose(got.mean(0), wanted.mean(0), atol=0.03 * max(size))
    assert torch.allclose(got.std(0), wanted.std(0), atol=0.03 * max(size))
    assert (got[:, 0] + got[:, 2]).max() == size[0]


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_the_probability_is_the_share_that_is_erased(probability, seeded):
    got = erased(torch.ones(4000, 1, 16, 16), Erase(probability=probability), seeded())
    share = (got == 0).flatten(1).any(1).float().mean().item()
    assert share == pytest.approx(probability, abs=0.03)


def test_a_box_is_smaller_than_the_image_in_both_sides(seeded):
    wide = erased(torch.ones(300, 1, 5, 60), Erase(probability=1.0), seeded())
    tall = erased(torch.ones(300, 1, 60, 5), Erase(probability=1.0), seeded())
    assert max(height for _, _, height, _ in boxes(wide[:, 0])) == 4
    assert max(width for _, _, _, width in boxes(tall[:, 0])) == 4


def test_a_box_that_never_fits_erases_nothing(images, seeded):
    given = images(5, 3, 8, 8)
    assert torch.equal(erased(given, Erase(probability=1.0, scale=(1.0, 1.0)), seeded()), given)
