"""Which labelled image goes to train, val and test: indices, never copies."""

import numpy as np
import pandas as pd
from jaxtyping import Int64
from sklearn.model_selection import train_test_split

from assay.fault import Fault
from assay.params.split import Split

Labels = Int64[np.ndarray, " n"]
Rows = Int64[np.ndarray, " m"]


def assign(labels: "pd.Series[str]", split: Split) -> dict[str, Rows]:
    """Rows of `labels` for train, val, test and (left over) unused, each in ascending order.

    Sizes are exact. With `limit`, a subset of so many images, class by class in proportion, is
    drawn first, and sizes given as counts shrink by the same factor.
    """
    codes = pd.factorize(labels, sort=True)[0].astype(np.int64)
    sizes = counts(split, len(labels))
    pool = np.arange(len(labels))
    if split.limit is not None and split.limit < len(labels):
        pool, _ = _halves(pool, codes, split.limit, split.seed)
    stratified = codes if split.method == "stratified" else None
    if stratified is not None:
        _every_class_has(labels.iloc[pool], sum(size > 0 for size in sizes.values()))
    parts = {}
    for name in ("test", "val", "train"):
        parts[name], pool = _halves(pool, stratified, sizes[name], split.seed)
    parts["unused"] = np.setdiff1d(np.arange(len(labels)), np.concatenate(list(parts.values())))
    return {name: np.sort(parts[name]) for name in ("train", "val", "test", "unused")}


def counts(split: Split, images: int) -> dict[str, int]:
    """How many images each part gets of so many; a Fault where there are too few."""
    kept = min(split.limit or images, images)
    as_counts = isinstance(split.train, int)
    if as_counts and sum(split.parts.values()) > images:
        raise Fault(
            f"split: train, val and test ask for {sum(split.parts.values())} images, "
            f"the data have {images}; lower the counts"
        )
    share = kept / images if as_counts else kept
    sizes = {name: int(size * share + 1e-9) for name, size in split.parts.items()}
    for name, size in sizes.items():
        if size == 0 and split.parts[name] > 0:
            raise Fault(
                f"split.{name}: {split.parts[name]} of {kept} images is less than one; "
                "raise it, or raise split.limit"
            )
    return sizes


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
