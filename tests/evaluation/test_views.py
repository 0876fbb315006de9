"""Laws of test-time augmentation's views."""

import pytest
import torch

from assay.evaluation.views import views
from assay.params.evaluate import Tta

IMAGES = torch.arange(1, 13, dtype=torch.uint8).reshape(1, 1, 3, 4)


@pytest.mark.parametrize(("hflip", "shift", "count"), [(0, 0, 1), (1, 0, 2), (0, 1, 5), (1, 2, 10)])
def test_there_are_so_many_different_views_and_the_first_is_the_image(hflip, shift, count):
    seen = [view(IMAGES) for view in views(Tta(hflip=bool(hflip), shift=shift))]
    assert seen[0].equal(IMAGES)
    assert len({tuple(one.flatten().tolist()) for one in seen}) == count
    assert all(one.shape == IMAGES.shape and one.dtype == torch.uint8 for one in seen)


def test_what_is_moved_loses_an_edge_and_black_comes_in():
    down, up, right, left = (view(IMAGES)[0, 0] for view in views(Tta(hflip=False, shift=1))[1:])
    assert down[0].eq(0).all()
    assert down[1:].equal(IMAGES[0, 0, :2])
    assert up[:2].equal(IMAGES[0, 0, 1:])
    assert right[:, 1:].equal(IMAGES[0, 0, :, :3])
    assert left[:, :3].equal(IMAGES[0, 0, :, 1:])
    assert left[:, 3].eq(0).all()


def test_mirrored_is_left_for_right():
    mirrored = views(Tta())[1](IMAGES)
    assert mirrored[0, 0, 0].tolist() == [4, 3, 2, 1]
