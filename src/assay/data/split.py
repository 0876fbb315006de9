"""Which labelled image goes to train, val and test: indices, never copies."""

import numpy as np
import pandas as pd
from jaxtyping import Int64
from sklearn.model_selection import train_test_split

from assay.data.together import together
from assay.fault import Fault, listed
from assay.params.split import PARTS, Split

Labels = Int64[np.ndarray, " n"]
Rows = Int64[np.ndarray, " m"]
Parts = dict[str, Rows]

LEAST_KEPT = 0.5  # of a part's size, where duplicates stay on one side


def assigned(table: pd.DataFrame, split: Split) -> "pd.Series[str]":
    """The part of each row: train, val, test, unused, or unlabelled.

    `table` has a label, the split that the data name (`given`) and its duplicates' number (`near`).
    """
    parts = pd.Series("unlabelled", table.index)
    labelled = table[table["given"].ne("unlabelled").fillna(True)]
    groups = labelled["near"].to_numpy()
    for name, rows in assign(labelled["label"], labelled["given"], split, groups).items():
        parts[labelled.index[rows]] = name
    return parts


def assign(
    labels: "pd.Series[str]", given: "pd.Series[str]", split: Split, groups: Labels
) -> Parts:
    """Rows of `labels` for train, val, test and (left over) unused, each in ascending order.

    `given` is the split that the data name for each row, or null. Sizes are exact, but where
    duplicates outnumber single images; a part that would lose half by that is a Fault. With
    `limit`, a subset of so many images, class by class in proportion, is drawn first, and sizes
    given as counts shrink by the same factor. Rows with one number in `groups` are duplicates.
    """
    codes = pd.factorize(labels, sort=True)[0].astype(np.int64)
    drawn = _predefined if split.method == "predefined" else _drawn
    parts, movable = drawn(labels, codes, given, split)
    if split.group_duplicates:
        own = {name: parts[name] for name in movable}
        kept = together(own, codes, groups, split.seed)
        _must_keep_sizes(own, kept, groups)
        parts |= kept
    parts["unused"] = np.setdiff1d(np.arange(len(labels)), np.concatenate(list(parts.values())))
    return {name: np.sort(parts[name]) for name in (*PARTS, "unused")}


def _must_keep_sizes(own: Parts, kept: Parts, groups: Labels) -> None:
    """A Fault where duplicates leave too few single images to come back for those that move."""
    for name, rows in own.items():
        if len(kept[name]) < LEAST_KEPT * len(rows):
            largest = np.bincount(groups).max()
            raise Fault(
                f"split.group_duplicates: {name} has {len(kept[name])} instead of {len(rows)} "
                f"images if duplicates stay on one side (the largest group has {largest}); remove "
                "duplicates, lower split.near_duplicates, or set it to false"
            )


def _drawn(
    labels: "pd.Series[str]", codes: Labels, given: "pd.Series[str]", split: Split
) -> tuple[Parts, tuple[str, ...]]:
    """All parts at random, whatever the data say."""
    sizes = counts(split, len(labels))
    pool = np.arange(len(labels))
    if split.limit is not None and split.limit < len(labels):
        pool, _ = _halves(pool, codes, split.limit, split.seed)
    return _carved(pool, labels, codes, sizes, split), PARTS


def _predefined(
    labels: "pd.Series[str]", codes: Labels, given: "pd.Series[str]", split: Split
) -> tuple[Parts, tuple[str, ...]]:
    """The parts that the data name; those with a size of their own out of the training images."""
    there = {name: np.flatnonzero(given.eq(name).fillna(False)) for name in PARTS}
    _must_fit(there, split)
    if split.limit is not None and split.limit < len(labels):
        share = split.limit / len(labels)
        there = {
            name: _systematic(rows, codes[rows], max(1, _part(len(rows), share)), split.seed)[0]
            for name, rows in there.items()
            if len(rows)
        }
    pool = there["train"]
    all_of_train = int(given.eq("train").sum())
    sizes = _sizes(split, split.sizes, all_of_train, len(pool), "training images")
    sizes["train"] = len(pool) - sum(sizes.values())
    carved = _carved(pool, labels, codes, sizes, split)
    none = np.zeros(0, np.int64)
    parts = {name: carved.get(name, there.get(name, none)) for name in PARTS}
    return parts, tuple(carved)


def _must_fit(there: Parts, split: Split) -> None:
    if not len(there["train"]):
        named = [name for name, rows in there.items() if len(rows)]
        told = f"only {listed(named)}" if named else "none"
        raise Fault(
            f"split.method: predefined needs a train split, and the data name {told}; set it to "
            "stratified, and give sizes"
        )
    for name in ("val", "test"):
        size, images = split.parts[name], len(there[name])
        if size and images:
            raise Fault(
                f"split.{name}: {size}, but the data have a {name} split of {images} images; set "
                "it to null to take that"
            )
        if size is None and not images:
            raise Fault(
                f"split.{name}: the data have no {name} split; give a size to carve from the "
                "training images, or 0 for none"
            )


def _carved(
    pool: Rows, labels: "pd.Series[str]", codes: Labels, sizes: dict[str, int], split: Split
) -> Parts:
    """Parts of these sizes out of `pool`; what is over belongs to none."""
    stratified = None if split.method == "random" else codes
    if stratified is not None:
        _every_class_has(labels.iloc[pool], sum(size > 0 for size in sizes.values()))
    parts: Parts = {}
    for name in ("test", "val", "train"):
        if name in sizes:
            parts[name], pool = _halves(pool, stratified, sizes[name], split.seed)
    return parts


def counts(split: Split, images: int) -> dict[str, int]:
    """How many images each part gets of so many; a Fault where there are too few."""
    kept = min(split.limit or images, images)
    sizes = _sizes(split, split.sizes, images, kept, "images")
    shares = [size for size in split.sizes.values() if isinstance(size, float)]
    if sum(shares) > 1 - 1e-9:  # training takes what the rounding leaves
        sizes["train"] += kept - sum(sizes.values())
    return sizes


def _sizes(
    split: Split, wanted: dict[str, int | float], images: int, kept: int, what: str
) -> dict[str, int]:
    """Fractions of `kept` images; counts of all `images`, shrunk as they were to `kept`."""
    as_counts = all(isinstance(size, int) for size in wanted.values())
    if as_counts and sum(wanted.values()) > images:
        raise Fault(
            f"split: {listed(wanted)} ask for {sum(wanted.values())} images, the data have "
            f"{images} {what}; lower the counts"
        )
    share = kept / images if as_counts else kept
    sizes = {name: _part(size, share) for name, size in wanted.items()}
    for name, size in sizes.items():
        if size == 0 and wanted[name] > 0:
            raise Fault(
                f"split.{name}: {wanted[name]} of {kept} {what} is less than one; "
                "raise it, or raise split.limit"
            )
    return sizes


def _part(size: float, share: float) -> int:
    """A share of a size, rounded down but for what floats lose: 0.29 of 100 is 29."""
    return int(size * share + 1e-9)


def _halves(pool: Rows, codes: Labels | None, size: int, seed: int) -> tuple[Rows, Rows]:
    """`size` rows drawn from `pool`, in proportion of `codes` where given, and the rest."""
    if size in {0, len(pool)}:
        return (pool[:0], pool) if size == 0 else (pool, pool[:0])
    strata = None if codes is None else codes[pool]
    if strata is not None:
        numbers = np.unique(strata, return_counts=True)[1]
        if size < len(numbers):
            raise Fault(
                f"split: {len(numbers)} classes do not fit into a part of {size} images; "
                "enlarge it (or split.limit), or set split.method to random"
            )
        if len(pool) - size < len(numbers) or min(numbers) < 2:  # train_test_split refuses these
            return _systematic(pool, strata, size, seed)
    drawn, rest = train_test_split(pool, train_size=size, random_state=seed, stratify=strata)
    return drawn, rest


def _systematic(pool: Rows, strata: Labels, size: int, seed: int) -> tuple[Rows, Rows]:
    """`size` rows at even distances through the pool, shuffled and then sorted by class."""
    order = np.random.default_rng(seed).permutation(len(pool))
    order = order[np.argsort(strata[order], kind="stable")]
    drawn = order[((np.arange(size) + 0.5) * len(pool) / size).astype(np.int64)]
    return pool[drawn], np.delete(pool, drawn)


def _every_class_has(labels: "pd.Series[str]", least: int) -> None:
    numbers = labels.value_counts()
    if numbers.min() < least:
        name = min(numbers[numbers == numbers.min()].index)
        raise Fault(
            f"split.method: class '{name}' has {numbers[name]} images, too few for "
            f"{least} stratified parts; add images, remove the class, or set it to random"
        )
