"""Which images are duplicates: equal pixel by pixel, or near by their perceptual hashes."""

import math
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from jaxtyping import Int64, UInt64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

BITS = 64
_KEY = 20  # bits in which two hashes must agree to be compared: a million buckets
Groups = Int64[np.ndarray, " n"]
Pairs = Int64[np.ndarray, "pairs 2"]


def duplicates(table: pd.DataFrame, threshold: int | None) -> Groups:
    """A number for each row, the same for duplicates, in the order of first appearance.

    Rows are joined by an equal `hash`, and where a threshold is given also by a `phash` within so
    many of 64 bits; a chain of such steps joins its ends. A row without `phash` has equals only.
    """
    equal = pd.factorize(table["hash"])[0].astype(np.int64)
    known = table["phash"].notna().to_numpy()
    if threshold is None or not known.any():
        return equal
    looks, owners = np.unique(table.loc[known, "phash"].to_numpy(np.uint64), return_inverse=True)
    own = near(looks, threshold)[owners]
    links = np.stack([equal[known], equal.max() + 1 + own], axis=1)
    joined = _connected(links, int(links.max()) + 1)
    return pd.factorize(joined[equal])[0].astype(np.int64)


def near(hashes: UInt64[np.ndarray, " n"], threshold: int) -> Groups:
    """A number for each of distinct hashes, the same for those within `threshold` bits, or a chain.

    Cut into `threshold + k` bands, two such hashes agree in k of them or more. So for every choice
    of k bands only hashes that are equal there are compared; k makes a choice about 20 bits wide.
    """
    agreeing = max(1, math.ceil(_KEY * threshold / (BITS - _KEY)))
    edges = [BITS * band // (threshold + agreeing) for band in range(threshold + agreeing + 1)]
    bands = [2**high - 2**low for low, high in pairwise(edges)]
    groups = np.arange(len(hashes))
    for chosen in combinations(bands, agreeing):
        pairs = groups[_pairs(hashes, np.uint64(sum(chosen)), threshold)]
        groups = _connected(pairs, len(hashes))[groups]
    return groups


def _pairs(hashes: UInt64[np.ndarray, " n"], mask: np.uint64, threshold: int) -> Pairs:
    """Places of the near pairs among hashes that agree in the bits of `mask`.

    Sorted by these bits, each hash is compared with the next, then the next but one, and so on
    while they agree.
    """
    order = np.argsort(hashes & mask)
    ordered = hashes[order]
    key = ordered & mask
    first, step = np.arange(len(key)), 1
    found = [np.zeros((0, 2), np.int64)]
    while len(first):
        first = first[: np.searchsorted(first, len(key) - step)]
        first = first[key[first] == key[first + step]]
        close = first[np.bitwise_count(ordered[first] ^ ordered[first + step]) <= threshold]
        found.append(order[np.stack([close, close + step], axis=1)])
        step += 1
    return np.concatenate(found)


def _connected(pairs: Pairs, nodes: int) -> Groups:
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), (nodes, nodes))
    return connected_components(graph, directed=False)[1].astype(np.int64)
