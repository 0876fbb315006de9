"""Laws of splitting labelled images into train, val, test and unused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.data import split as splitting
from assay.fault import Fault
from assay.params.split import Split

PARTS = ("train", "val", "test", "unused")


def assign(labels, split, named=None, groups=None):
    """Without a split that the data name, and without duplicates, where none are given."""
    given = pd.Series([None] * len(labels) if named is None else named, dtype="string")
    alone = np.arange(len(labels)) if groups is None else np.asarray(groups)
    return splitting.assign(labels, given, split, alone)


@st.composite
def labels_of_some_classes(draw):
    """Labels of 2 to 5 classes of very different sizes, shuffled."""
    sizes = draw(st.lists(st.integers(3, 60), min_size=2, max_size=5))
    labels = np.repeat([f"class {i}" for i in range(len(sizes))], sizes)
    np.random.default_rng(draw(st.integers(0, 99))).shuffle(labels)
    return pd.Series(labels, dtype="string")


@st.composite
def cases(draw, methods=("stratified", "random")):
    """Labels and a split of them that is possible: each part holds every class once or more."""
    labels = draw(labels_of_some_classes())
    least, left = labels.nunique(), len(labels)
    sizes = []
    for others in (2, 1, 0):
        sizes.append(draw(st.integers(least, max(least, left - others * least))))
        left -= sizes[-1]
    if left < 0:  # as few images as three parts need
        sizes = [least] * 3
    names = dict(zip(("train", "val", "test"), sizes, strict=True))
    method, seed = draw(st.sampled_from(methods)), draw(st.integers(0, 2**32 - 1))
    return labels, Split(method=method, seed=seed, **names)


@given(cases())
def test_sizes_are_exact_and_the_parts_cover_every_image_once(case):
    labels, split = case
    parts = assign(labels, split)
    assert tuple(parts) == PARTS
    assert {name: len(parts[name]) for name in split.sizes} == split.sizes
    assert np.array_equal(np.sort(np.concatenate(list(parts.values()))), np.arange(len(labels)))


@given(cases())
def test_the_same_seed_gives_the_same_split_in_file_order(case):
    labels, split = case
    one, two = assign(labels, split), assign(labels, split)
    for name in PARTS:
        assert np.array_equal(one[name], two[name])
        assert np.all(np.diff(one[name]) > 0)


@given(cases(methods=["stratified"]))
def test_stratified_shares_are_within_one_image_of_proportion_at_each_draw(case):
    labels, split = case
    parts = assign(labels, split)
    pool = np.arange(len(labels))
    for name in ("test", "val", "train"):  # each is drawn from what the one before left
        share = labels[pool].value_counts() * len(parts[name]) / len(pool)
        got = labels[parts[name]].value_counts().reindex(share.index, fill_value=0)
        assert (got - share).abs().max() < 1 + 1e-9
        pool = np.setdiff1d(pool, parts[name])


@given(labels_of_some_classes(), st.integers(0, 99), st.data())
def test_a_limit_keeps_the_proportions_of_the_classes(labels, seed, data):
    limit = data.draw(st.integers(3 * labels.nunique(), max(3 * labels.nunique(), len(labels))))
    split = Split(method="random", train=1.0, val=0, test=0, seed=seed, limit=limit)
    parts = assign(labels, split)
    kept = min(limit, len(labels))
    assert len(parts["train"]) == kept
    got = labels[parts["train"]].value_counts()
    assert (got - labels.value_counts() * kept / len(labels)).abs().max() < 1 + 1e-9


def letters(**numbers):
    return pd.Series(np.repeat(list(numbers), list(numbers.values())), dtype="string")


@pytest.mark.parametrize("method", ["stratified", "random"])
def test_another_seed_gives_another_split(method):
    labels, sizes = letters(a=50, b=50), {"train": 50, "val": 25, "test": 25}
    one, two = (assign(labels, Split(method=method, seed=seed, **sizes)) for seed in (0, 1))
    assert not np.array_equal(one["train"], two["train"])


def test_a_limit_that_cuts_nothing_makes_no_subset():
    split = Split(method="random", train=1.0, val=0, test=0, limit=10)
    assert [split.subset(labelled) for labelled in (9, 10, 11)] == [None, None, 10]
    assert Split(method="random", train=1.0, val=0, test=0).subset(11) is None


def test_counts_shrink_with_the_limit():
    split = Split(train=100, val=60, test=40, limit=50)
    sizes = {name: len(rows) for name, rows in assign(letters(a=100, b=100), split).items()}
    assert sizes == {"train": 25, "val": 15, "test": 10, "unused": 150}


def test_fractions_are_of_what_the_limit_keeps():
    split = Split(train=0.5, val=0.3, test=0.2, limit=50)
    sizes = {name: len(rows) for name, rows in assign(letters(a=100, b=100), split).items()}
    assert sizes == {"train": 25, "val": 15, "test": 10, "unused": 150}


def test_a_limit_above_the_data_changes_nothing():
    labels, sizes = letters(a=100, b=100), {"train": 100, "val": 60, "test": 40}
    one, two = (assign(labels, Split(limit=limit, **sizes)) for limit in (None, 1000))
    assert all(np.array_equal(one[name], two[name]) for name in PARTS)


@pytest.mark.parametrize("limit", [None, 99, 103])
def test_images_that_fractions_leave_over_may_be_fewer_than_the_classes(limit):
    labels = letters(a=26, b=26, c=26, d=26)
    parts = assign(labels, Split(train=0.7, val=0.15, test=0.14, limit=limit))
    kept = limit or 104
    assert len(parts["train"]) == int(kept * 0.7)
    assert 104 - kept < len(parts["unused"]) <= 104 - kept + 3


@pytest.mark.parametrize("kept", [99, 103, 104])
@pytest.mark.parametrize("shares", [(0.7, 0.15, 0.15), (0.6, 0.3, 0.1)])  # the last: 1 - 1e-16
def test_fractions_of_1_leave_no_image_over(kept, shares):
    split = Split(**dict(zip(PARTS, shares, strict=False)), limit=kept)
    sizes = {name: len(rows) for name, rows in assign(letters(a=60, b=44), split).items()}
    assert [sizes["val"], sizes["test"]] == [int(kept * share) for share in shares[1:]]
    assert sum(sizes[name] for name in ("train", "val", "test")) == kept


def test_a_rare_class_of_as_many_images_as_parts_is_enough_whatever_the_first_draw_takes():
    for seed in range(5):
        split = Split(train=20, val=20, test=60, seed=seed)  # 60 of 100 take 2 of 3
        parts = assign(letters(common=97, rare=3), split)
        assert [len(parts[name]) for name in PARTS] == [20, 20, 60, 0]


def test_a_class_with_fewer_images_than_parts_is_told_by_name_and_number():
    labels = letters(common=98, rare=2)
    with pytest.raises(Fault, match=r"class 'rare' has 2 images, too few for 3 stratified parts"):
        assign(labels, Split(train=60, val=20, test=20))


@pytest.mark.parametrize("limit", [None, 50])
def test_a_class_with_a_single_image_is_no_matter_for_a_random_split(limit):
    split = Split(method="random", train=60, val=20, test=20, limit=limit)
    parts = assign(letters(common=99, rare=1), split)
    assert len(parts["unused"]) == 100 - (limit or 100)


def test_a_part_with_fewer_images_than_classes_is_told():
    labels = letters(a=30, b=30, c=30)
    with pytest.raises(Fault, match="3 classes do not fit into a part of 2 images; enlarge it"):
        assign(labels, Split(train=60, val=20, test=2))


@pytest.mark.parametrize("method", ["stratified", "random"])
@pytest.mark.parametrize("limit", [None, 10])
def test_a_split_larger_than_the_data_is_told_with_both_numbers(method, limit):
    split = Split(method=method, train=60, val=20, test=21, limit=limit)
    with pytest.raises(
        Fault, match="ask for 101 images, the data have 100 images; lower the counts"
    ):
        assign(letters(a=50, b=50), split)


@pytest.mark.parametrize(("sizes", "limit"), [((60, 20, 1), 50), ((0.9, 0.05, 0.009), None)])
def test_a_part_that_shrinks_to_nothing_is_told(sizes, limit):
    split = Split(**dict(zip(("train", "val", "test"), sizes, strict=True)), limit=limit)
    with pytest.raises(Fault, match=r"split.test: .* of \d+ images is less than one; raise it"):
        assign(letters(a=50, b=50), split)


@st.composite
def duplicated(draw):
    """A possible split of labels, and groups of duplicates of up to four, mostly of one class."""
    labels, split = draw(cases())
    groups = np.arange(len(labels))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    for _ in range(draw(st.integers(0, 6))):
        members = random.choice(len(labels), random.integers(2, 5), replace=False)
        groups[np.isin(groups, groups[members])] = groups[members[0]]
    return labels, split, groups


@given(duplicated())
def test_duplicates_lie_on_one_side_and_every_image_in_one_part(case):
    labels, split, groups = case
    try:
        parts = assign(labels, split, groups=groups)
    except Fault:  # more duplicates than a part has room for
        assume(False)
    side = np.full(len(labels), "none!!")
    for name in PARTS:
        side[parts[name]] = name
    used = side != "unused"
    assert "none!!" not in side
    assert sum(map(len, parts.values())) == len(labels)
    assert (pd.Series(side[used]).groupby(groups[used]).nunique() == 1).all()


@given(duplicated())
def test_without_grouping_duplicates_are_split_as_any_others(case):
    labels, split, groups = case
    alone = split.model_copy(update={"group_duplicates": False})
    free, plain = assign(labels, alone, groups=groups), assign(labels, split)
    assert all(np.array_equal(free[name], plain[name]) for name in PARTS)


@pytest.mark.parametrize("seed", range(20))
def test_keeping_duplicates_together_changes_neither_sizes_nor_classes(seed):
    labels, sizes = letters(a=60, b=40), {"train": 60, "val": 20, "test": 20}
    groups = np.arange(100)
    groups[[1, 2, 3]] = 0
    groups[71] = groups[70]
    split = Split(seed=seed, **sizes)
    apart, kept = assign(labels, split), assign(labels, split, groups=groups)
    for name in sizes:
        assert labels[kept[name]].value_counts().equals(labels[apart[name]].value_counts())


NAMED = ["train"] * 60 + ["val"] * 20 + ["test"] * 20


def mixed(n):
    """Two classes in turns."""
    return pd.Series(["a", "b"] * (n // 2), dtype="string")


def test_predefined_parts_are_those_of_the_data():
    parts = assign(mixed(100), Split(method="predefined"), NAMED)
    assert [parts[name].tolist() for name in PARTS] == [
        list(range(60)),
        list(range(60, 80)),
        list(range(80, 100)),
        [],
    ]


@pytest.mark.parametrize(("size", "images"), [(0.1, 8), (12, 12)])
def test_a_missing_part_is_carved_from_the_training_images_class_by_class(size, images):
    named, labels = ["train"] * 80 + ["val"] * 20, mixed(100)
    parts = assign(labels, Split(method="predefined", test=size), named)
    assert parts["val"].tolist() == list(range(80, 100))
    assert set(parts["test"]) < set(range(80))
    assert labels[parts["test"]].value_counts().tolist() == [images / 2] * 2
    assert len(parts["train"]) == 80 - images


def test_a_carved_part_takes_no_duplicates_of_what_stays():
    named, groups = ["train"] * 80 + ["val"] * 20, np.arange(100) // 2
    for seed in range(5):
        split = Split(method="predefined", test=10, seed=seed)
        parts = assign(pd.Series(["a"] * 50 + ["b"] * 50, dtype="string"), split, named, groups)
        assert not set(groups[parts["test"]]) & set(groups[parts["train"]])


def test_a_limit_takes_its_share_of_every_predefined_part():
    parts = assign(mixed(100), Split(method="predefined", limit=20), NAMED)
    assert [len(parts[name]) for name in PARTS] == [12, 4, 4, 80]
    assert set(parts["val"]) < set(range(60, 80))


def test_a_share_of_a_predefined_part_loses_nothing_to_floats():
    named = ["train"] * 800 + ["val"] * 100 + ["test"] * 100
    parts = assign(mixed(1000), Split(method="predefined", limit=290), named)  # 0.29 * 100 < 29
    assert [len(parts[name]) for name in PARTS] == [232, 29, 29, 710]


def test_a_part_of_size_0_is_left_unused_though_the_data_have_it():
    parts = assign(mixed(100), Split(method="predefined", test=0), NAMED)
    assert [len(parts[name]) for name in PARTS] == [60, 20, 0, 20]


@pytest.mark.parametrize(
    ("named", "sizes", "told"),
    [
        (None, {}, "predefined needs a train split, and the data name none"),
        (["val"] * 60 + ["test"] * 40, {}, "the data name only val and test; set it to stratified"),
        (NAMED, {"val": 0.1}, "split.val: 0.1, but the data have a val split of 20 images"),
        (["train"] * 80 + ["val"] * 20, {}, "split.test: the data have no test split; give a size"),
        (["train"] * 80 + ["val"] * 20, {"test": 81}, "ask for 81 images, the data have 80 train"),
    ],
)
def test_a_predefined_split_that_cannot_be_is_told(named, sizes, told):
    with pytest.raises(Fault, match=told):
        assign(mixed(100), Split(method="predefined", **sizes), named)


def test_duplicates_that_no_part_has_room_for_are_told():
    labels, groups = letters(a=50, b=50), np.where(np.arange(100) < 95, 0, np.arange(100))
    with pytest.raises(Fault, match=r"group_duplicates: .* instead of .* largest group has 95"):
        assign(labels, Split(train=70, val=15, test=15), groups=groups)


@given(duplicated())
def test_no_part_loses_half_to_duplicates_or_it_is_refused(case):
    labels, split, groups = case
    try:
        parts = assign(labels, split, groups=groups)
    except Fault:
        return
    assert all(len(parts[name]) >= 0.5 * size for name, size in split.sizes.items())
