"""The passes over images whose channels lie last in memory, compiled: x[n, p c], p pixels of c.

Each reads and writes every number once. Rows of fewer than 64 channels are taken several at a time,
and sums by two or four rows: that keeps the vector units busy. Sums go in the same order whatever
the number of threads. Where an image is normalised by itself, `alone` and `alone_gradient` do all
of it at once, while it is still in the cache.
"""

from typing import Any

import numpy as np
from numba import prange

from assay.norms.native import kernel, part
from assay.norms.rows import add_up, affine_of, combine_of, join, layout, moments_of, tiled


@kernel
def moments(x: Any, mean: Any, variance: Any) -> None:
    """Mean and biased variance of each plane into mean[n, c] and variance[n, c]."""
    n, numbers = x.shape
    c = mean.shape[1]
    width, size, chunks = layout(numbers, c)
    means = np.empty((n, chunks, c), mean.dtype)
    squares = np.empty((n, chunks, c), mean.dtype)
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        moments_of(x[i, k * size : (k + 1) * size], width, means[i, k], squares[i, k])
    for i in range(n):
        mean[i], variance[i] = means[i, 0], squares[i, 0]
        for k in range(1, chunks):
            rows = min(size, numbers - k * size) // c
            join(mean[i], variance[i], means[i, k], squares[i, k], (k * size // c, rows))
        variance[i] /= mean.dtype.type(numbers // c)


@kernel
def affine(x: Any, centre: Any, scale: Any, shift: Any, y: Any) -> None:
    """Y = scale (x - centre) + shift, the three by plane: [n, c] or [1, c]."""
    n, numbers = x.shape
    width, size, chunks = layout(numbers, centre.shape[1])
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        m, s, b = tiled(centre, i, width), tiled(scale, i, width), tiled(shift, i, width)
        affine_of(x[i, k * size : (k + 1) * size], m, s, b, y[i, k * size : (k + 1) * size])


@kernel
def sums(x: Any, g: Any, centre: Any, total: Any, product: Any) -> None:
    """Sums over each plane of g, and of g (x - centre), into total[n, c] and product[n, c]."""
    n, numbers = x.shape
    width, size, chunks = layout(numbers, centre.shape[1])
    totals = np.zeros((n, chunks, total.shape[1]), total.dtype)
    products = np.zeros((n, chunks, total.shape[1]), total.dtype)
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        chunk, upstream = x[i, k * size : (k + 1) * size], g[i, k * size : (k + 1) * size]
        add_up(chunk, upstream, tiled(centre, i, width), totals[i, k], products[i, k])
    for i in range(n):
        total[i], product[i] = totals[i, 0], products[i, 0]
        for k in range(1, chunks):
            total[i] += totals[i, k]
            product[i] += products[i, k]


@kernel
def combine(x: Any, g: Any, centre: Any, of_g: Any, of_x: Any, shift: Any, dx: Any) -> None:
    """Dx = of_g g + of_x (x - centre) + shift, the four by plane: [n, c] or [1, c]."""
    n, numbers = x.shape
    width, size, chunks = layout(numbers, centre.shape[1])
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        part_of = slice(k * size, (k + 1) * size)
        m, b = tiled(centre, i, width), tiled(shift, i, width)
        u, v = tiled(of_g, i, width), tiled(of_x, i, width)
        combine_of(x[i, part_of], g[i, part_of], m, (u, v, b), dx[i, part_of])


@kernel
def alone(x: Any, weight: Any, bias: Any, pool: Any, y: Any, found: Any) -> None:
    """Each image normalised by moments of its own, over `pool[0]` groups of channels, eps pool[1].

    Means, δ and r as in `moments` and `pools` go into found[3, n, c].
    """
    n, numbers = x.shape
    c = len(weight)
    groups, eps = pool
    width, size, chunks = layout(numbers, c)
    wide = found.dtype.type
    for i in prange(n):
        mean, rest, inverse = found[0, i], found[1, i], found[2, i]
        variance, chunk_mean, chunk_square = inverse, np.empty_like(mean), np.empty_like(mean)
        moments_of(x[i, :size], width, mean, variance)
        for k in range(1, chunks):
            rows = min(size, numbers - k * size) // c
            moments_of(x[i, k * size : (k + 1) * size], width, chunk_mean, chunk_square)
            join(mean, variance, chunk_mean, chunk_square, (k * size // c, rows))
        variance /= wide(numbers // c)
        for first in range(0, c, c // groups):
            run = slice(first, first + c // groups)
            rest[run] = mean[run] - average(mean[run])
            spread = average(variance[run] + rest[run] * rest[run])
            inverse[run] = wide(1 / np.sqrt(spread + eps))
        scale = (weight * inverse).reshape(1, c)
        s, b = tiled(scale, 0, width), tiled((bias + scale[0] * rest).reshape(1, c), 0, width)
        affine_of(x[i], tiled(found[0], i, width), s, b, y[i])


@kernel
def alone_gradient(
    x: Any, g: Any, weight: Any, groups: Any, found: Any, dx: Any, of_weights: Any
) -> None:
    """The gradient of `alone`; that of weight and bias by image into of_weights[2, n, c]."""
    n, numbers = x.shape
    c = len(weight)
    width, _, _ = layout(numbers, c)
    wide = found.dtype.type
    share = wide(1) / wide(numbers // c)
    for i in prange(n):
        rest, inverse = found[1, i], found[2, i]
        of_weight, total = of_weights[0, i], of_weights[1, i]
        m = tiled(found[0], i, width)
        total[:] = 0
        of_weight[:] = 0
        add_up(x[i], g[i], m, total, of_weight)
        both = of_weight + rest * total
        of_weight[:] = inverse * both
        scale = (weight * inverse).reshape(1, c)
        of_x, shift = np.empty_like(scale), np.empty_like(scale)
        for first in range(0, c, c // groups):
            run = slice(first, first + c // groups)
            u = -share * average(scale[0, run] * inverse[run] * inverse[run] * both[run])
            of_x[0, run] = u
            shift[0, run] = u * rest[run] - share * average(scale[0, run] * total[run])
        u, v, b = tiled(scale, 0, width), tiled(of_x, 0, width), tiled(shift, 0, width)
        combine_of(x[i], g[i], m, (u, v, b), dx[i])


@part
def average(run: Any) -> Any:
    """The mean of a run of channels."""
    total = run.dtype.type(0)
    for a in range(len(run)):
        total += run[a]
    return total / run.dtype.type(len(run))
