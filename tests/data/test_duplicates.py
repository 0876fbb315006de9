"""Laws of finding duplicates: none missed, none invented, whatever the order of the rows."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.duplicates import duplicates, near

WORD = st.integers(0, 2**64 - 1)


@st.composite
def clouds(draw):
    """Distinct hashes, many of them a few flipped bits away from others."""
    found = set(draw(st.lists(WORD, min_size=1, max_size=6)))
    for bits in draw(st.lists(st.lists(st.integers(0, 63), max_size=7), max_size=12)):
        origin = draw(st.sampled_from(sorted(found)))
        for bit in bits:
            origin ^= 1 << bit
        found.add(origin)
    return np.array(sorted(found), np.uint64)


def table(hashes, phashes):
    """Rows with a hash, and a phash or None."""
    looks = pd.array(phashes, dtype="UInt64")
    return pd.DataFrame({"hash": pd.Series(hashes, dtype="string"), "phash": looks})


def same(groups):
    """Which rows are together, whatever the numbers."""
    return np.equal.outer(groups, groups)


def chained(close):
    """Rows that a chain of close ones connects, by brute force."""
    for _ in range(len(close)):
        close = (close.astype(int) @ close.astype(int)) > 0
    return close


@given(clouds(), st.integers(0, 9))
def test_hashes_are_together_exactly_where_a_chain_of_near_ones_leads(hashes, threshold):
    bits = np.bitwise_count(np.bitwise_xor.outer(hashes, hashes))
    assert np.array_equal(same(near(hashes, threshold)), chained(bits <= threshold))


@pytest.mark.parametrize("threshold", range(9))
def test_no_pair_is_missed_wherever_its_bits_differ(threshold):
    random = np.random.default_rng(threshold)
    one = random.integers(0, 2**64, 1500, dtype=np.uint64)
    flips = [sum(1 << int(bit) for bit in random.permutation(64)[:threshold]) for _ in one]
    hashes, places = np.unique(
        np.concatenate([one, one ^ np.array(flips, np.uint64)]), return_inverse=True
    )
    groups = near(hashes, threshold)[places]
    assert np.array_equal(groups[:1500], groups[1500:])


@given(clouds(), st.integers(0, 6), st.randoms())
def test_groups_do_not_depend_on_the_order_of_the_rows(hashes, threshold, random):
    rows = [(str(h % 5), int(h)) for h in hashes]
    order = random.sample(range(len(rows)), len(rows))
    straight = duplicates(table(*zip(*rows, strict=True)), threshold)
    mixed = duplicates(table(*zip(*(rows[i] for i in order), strict=True)), threshold)
    assert np.array_equal(same(straight)[np.ix_(order, order)], same(mixed))


def test_groups_are_numbered_by_first_appearance():
    found = duplicates(table(["b", "a", "b", "c"], [None] * 4), 4)
    assert found.tolist() == [0, 1, 0, 2]


def test_a_chain_joins_its_ends_also_through_equal_images():
    rows = table(["a", "b", "b", "c", "d"], [0, 0b1111, None, 0b11111111, 2**63 + 2**40 - 1])
    assert duplicates(rows, 4).tolist() == [0, 0, 0, 0, 1]


def test_images_without_a_perceptual_hash_have_equals_only():
    assert duplicates(table(["a", "b", "b"], [None, None, None]), 4).tolist() == [0, 1, 1]
    assert duplicates(table(["a", "b", "c"], [None, None, 0]), 4).tolist() == [0, 1, 2]


def test_without_a_threshold_only_equal_images_are_duplicates():
    assert duplicates(table(["a", "b", "a"], [1, 1, 1]), None).tolist() == [0, 1, 0]


def test_a_threshold_of_zero_joins_equal_perceptual_hashes():
    assert duplicates(table(["a", "b", "c"], [1, 1, 3]), 0).tolist() == [0, 0, 1]


@pytest.mark.parametrize("crowd", ["one hash", "one band"])
def test_a_crowd_in_one_place_costs_no_quadratic_time(crowd):
    hashes = np.random.default_rng(0).integers(0, 2**64, 50_000, dtype=np.uint64)
    if crowd == "one hash":
        hashes[:30_000] = 7
    else:
        hashes[:3_000] &= np.uint64(2**43 - 1)
    begun = time.process_time()
    groups = duplicates(table([f"{i:x}" for i in range(len(hashes))], hashes), 4)
    assert time.process_time() - begun < 5
    assert np.bincount(groups).max() == (30_000 if crowd == "one hash" else 1)
