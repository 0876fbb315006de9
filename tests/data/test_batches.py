"""Laws of serving a split in batches."""

import itertools

import numpy as np
import pandas as pd
import psutil
import pytest
import torch

from assay.data import order
from assay.data.batches import Batches
from assay.data.packed import Packed

CPU = torch.device("cpu")


def resident(n, limit=None):
    """n images, each of one pixel of its own, labelled with its place."""
    images = np.arange(n, dtype=np.uint8).reshape(n, 1, 1, 1)
    return Batches([Packed(images, np.arange(n), pd.DataFrame(), {})], CPU, limit=limit)


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


@pytest.fixture
def mapped(tmp_path, pixels):
    """So many images of 4x5 with two channels in a file, resident or streamed."""

    def mapped(n, memory):
        np.save(tmp_path / "images.npy", pixels(n, 4, 5, 2))
        images = np.load(tmp_path / "images.npy", mmap_mode="c")
        return Batches([Packed(images, np.arange(n), pd.DataFrame(), {})], CPU, memory=memory)

    return mapped


@pytest.fixture
def small_windows(monkeypatch):
    """Blocks of three images, windows of four blocks."""
    monkeypatch.setattr(order, "BLOCK", 3 * 40)
    monkeypatch.setattr(order, "WINDOW", 12 * 40)


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize(("n", "size"), [(50, 4), (50, 7), (50, 12), (50, 13), (50, 30), (11, 2)])
def test_streamed_batches_are_those_of_resident_images(mapped, n, size):
    one, two = mapped(n, memory=None), mapped(n, memory=0)
    assert (one.resident, two.resident) == (True, False)
    for _ in range(2):
        pairs = zip(one.shuffled(size, seeded(3)), two.shuffled(size, seeded(3)), strict=True)
        for (images, labels), (others, numbers) in pairs:
            assert torch.equal(images, others)
            assert torch.equal(labels, numbers)
            assert others.is_contiguous(memory_format=torch.channels_last)
    for (images, labels), (others, numbers) in zip(
        one.ordered(size), two.ordered(size), strict=True
    ):
        assert torch.equal(images, others)
        assert torch.equal(labels, numbers)


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("sizes", [(31, 19), (1, 49), (48, 2), (7, 8, 35), (0, 50), (50, 0)])
def test_several_splits_are_served_as_one_streamed_or_not(tmp_path, pixels, sizes):
    whole = pixels(50, 4, 5, 2)
    np.save(tmp_path / "whole.npy", whole)
    packs, done = [], 0
    for number, size in enumerate(sizes):
        np.save(tmp_path / f"{number}.npy", whole[done : done + size])
        images = np.load(tmp_path / f"{number}.npy", mmap_mode="c" if size else None)
        packs.append(Packed(images, np.arange(done, done + size), pd.DataFrame(), {}))
        done += size
    one = np.load(tmp_path / "whole.npy", mmap_mode="c")
    for memory in (None, 0):
        together = Batches(packs, CPU, memory=memory)
        alone = Batches([Packed(one, np.arange(50), pd.DataFrame(), {})], CPU)
        pairs = zip(together.shuffled(7, seeded(3)), alone.shuffled(7, seeded(3)), strict=True)
        for (images, labels), (others, numbers) in pairs:
            assert torch.equal(images, others)
            assert torch.equal(labels, numbers)
        served = torch.cat([images for images, _ in together.ordered(7)])
        assert torch.equal(served, torch.from_numpy(whole).permute(0, 3, 1, 2))


@pytest.mark.usefixtures("small_windows")
def test_a_streamed_epoch_serves_each_image_once_with_its_own_label(mapped, pixels):
    wanted = torch.from_numpy(pixels(50, 4, 5, 2)).permute(0, 3, 1, 2)
    labels = []
    for images, numbers in mapped(50, memory=0).shuffled(5, seeded()):
        assert torch.equal(images, wanted[numbers])
        labels += numbers.tolist()
    assert sorted(labels) == list(range(50))


@pytest.mark.usefixtures("small_windows")
def test_windows_hold_other_blocks_in_every_epoch(mapped):
    data, generator = mapped(51, memory=0), seeded()
    first, second = (
        {
            n // 3
            for _, labels in itertools.islice(data.shuffled(4, generator), 3)
            for n in labels.tolist()
        }
        for _ in range(2)
    )
    assert len(first) == len(second) == 4
    assert first != second


def test_a_small_split_is_shuffled_as_a_whole(mapped):
    data = mapped(50, memory=0)
    firsts = {int(next(iter(data.shuffled(1, seeded(seed))))[1]) for seed in range(300)}
    assert len(firsts) > 40


def test_images_that_do_not_fit_are_streamed(mapped, monkeypatch):
    memory = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory._replace(available=3900))
    assert not mapped(50, memory=None).resident
    assert mapped(48, memory=None).resident
    assert mapped(50, memory=2e-6).resident


def test_a_map_that_ends_early_is_told(mapped, tmp_path):
    data = mapped(50, memory=0)
    with (tmp_path / "images.npy").open("rb+") as file:
        file.truncate(1000)
    with pytest.raises(OSError, match="ends too early"):
        next(iter(data.shuffled(4, seeded())))
