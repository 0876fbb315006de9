"""Laws of serving a split in batches."""

import itertools

import numpy as np
import pytest
import torch

from assay.data.batches import Resident
from assay.data.packed import Packed

CPU = torch.device("cpu")


def resident(n, limit=None):
    """n images, each of one pixel of its own, labelled with its place."""
    images = np.arange(n, dtype=np.uint8).reshape(n, 1, 1, 1)
    return Resident(Packed(images, np.arange(n), np.arange(n), {}), CPU, limit)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def served(batches):
    batches = list(batches)
    for images, labels in batches:  # an image comes with its own label
        assert torch.equal(images.flatten().long(), labels)
    return [labels.tolist() for _, labels in batches]


def flat(batches):
    return list(itertools.chain(*batches))


@pytest.mark.parametrize(("n", "size"), [(10, 3), (12, 4), (5, 5), (7, 1), (3, 4)])
def test_a_shuffled_epoch_serves_full_batches_and_each_image_at_most_once(n, size):
    epoch = served(resident(n).shuffled(size, seeded()))
    assert [len(batch) for batch in epoch] == [size] * (n // size)
    images = flat(epoch)
    assert len(set(images)) == len(images)
    assert set(images) <= set(range(n))


@pytest.mark.parametrize(("n", "size"), [(10, 3), (12, 4), (5, 9), (1, 1), (0, 4)])
def test_an_ordered_epoch_serves_every_image_once_in_file_order(n, size):
    epoch = served(resident(n).ordered(size))
    assert flat(epoch) == list(range(n))
    assert all(len(batch) == size for batch in epoch[:-1])


def test_the_same_seed_gives_the_same_order_and_the_next_epoch_another():
    data, one, two = resident(50), seeded(), seeded()
    first = served(data.shuffled(10, one))
    assert served(data.shuffled(10, two)) == first
    assert served(data.shuffled(10, one)) != first


def test_what_is_left_over_is_not_the_same_in_every_epoch():
    data, generator = resident(10), seeded()
    left = {frozenset(range(10)) - set(flat(served(data.shuffled(4, generator)))) for _ in range(9)}
    assert len(left) > 1


@pytest.mark.parametrize(("n", "limit"), [(100, 10), (100, 99), (7, 3), (250, 2), (5, 4)])
def test_a_limit_takes_so_many_different_images_spread_evenly(n, limit):
    (kept,) = served(resident(n, limit).ordered(n))
    assert len(kept) == limit
    assert (kept[0], kept[-1]) == (0, n - 1)
    steps = np.diff(kept)
    assert steps.min() >= 1
    assert steps.max() - steps.min() <= 1


@pytest.mark.parametrize("limit", [None, 5, 6])
def test_a_limit_that_is_none_or_enough_keeps_every_image(limit):
    assert len(resident(5, limit)) == 5


def test_bytes_stay_bytes_until_they_are_prepared():
    ((images, _),) = resident(3).ordered(3)
    assert images.dtype == torch.uint8
