"""Laws of flips and crops: exactly torchvision's, by the numbers drawn."""

import pytest
import torch
import torchvision.transforms.v2.functional as TF

from assay.data.augment.place import placed

SHAPES = [(3, 12, 12), (1, 9, 16), (2, 20, 7)]


def drawn(draw, n, hflip, padding):
    """The numbers that `placed` draws from a generator of the same seed."""
    draw = draw(n)
    flips = draw.uniform(0, 1) < hflip if hflip else torch.zeros(n)
    return flips.tolist(), *(draw.below(2 * padding + 1).int().tolist() for _ in range(2))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("hflip", "padding"), [(0.0, 1), (0.0, 4), (0.0, 25), (0.5, 0), (0.5, 3)])
def test_it_is_a_flip_and_then_a_crop_of_the_padded_image(
    shape, hflip, padding, pixels, seeded, draw
):
    given = pixels(8, *shape)
    got = placed(given, hflip, padding, seeded())
    flips, down, right = drawn(draw, 8, hflip, padding)
    for i in range(8):
        flipped = TF.horizontal_flip(given[i]) if flips[i] else given[i]
        wanted = TF.crop(TF.pad(flipped, [padding]), down[i], right[i], *shape[1:])
        assert torch.equal(got[i], wanted)
    assert not hflip or 0 < sum(flips) < 8


def test_a_crop_reaches_every_shift_up_to_its_padding_and_none_beyond(seeded):
    given = torch.zeros(600, 1, 9, 9, dtype=torch.uint8)
    given[:, :, 4, 4] = 1
    places = placed(given, 0, 2, seeded()).nonzero()[:, 2:].tolist()
    assert {tuple(place) for place in places} == {(y, x) for y in range(2, 7) for x in range(2, 7)}


@pytest.mark.parametrize(("hflip", "share"), [(1.0, 1.0), (0.3, 0.3)])
def test_the_probability_is_the_share_that_is_flipped(hflip, share, pixels, seeded):
    same = pixels(1, 3, 2, 5).expand(4000, -1, -1, -1)
    flipped = (placed(same, hflip, 0, seeded()) == same.flip(3)).flatten(1).all(1)
    assert flipped.float().mean().item() == pytest.approx(share, abs=0.03)


def test_bytes_stay_bytes_and_channels_last(pixels, seeded):
    got = placed(pixels(4, 3, 6, 5), 0.5, 1, seeded())
    assert got.dtype == torch.uint8
    assert got.is_contiguous(memory_format=torch.channels_last)
