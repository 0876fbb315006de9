"""The passes over images whose channels lie last in memory, compiled: x[n, p c], p pixels of c.

Each reads and writes every number once. Rows of fewer than 64 channels are taken several at a time,
and sums by two or four rows: that keeps the vector units busy. Sums go in the same order whatever
the number of threads. Where an image is normalised by itself, `alone` and `alone_gradient` do all
of it at once, while it is still in the cache.
"""

from typing import Any

import numpy as np
from numba import prange

from assay.norms.native import kernel
from assay.norms.rows import add_up, affine_of, combine_of, join, layout, moments_of, tile


@kernel
def moments(x: Any, mean: Any, variance: Any) -> None:
    """Mean and biased variance of each plane into mean[n, c] and variance[n, c]."""
    n, numbers = x.shape
    c = mean.shape[1]
    width, size, chunks = layout(numbers, c)
    means = np.empty((n, chunks, c), mean.dtype)
    squares = np.empty((n, chunks, c), mean.dtype)
    desk = np.empty((n * chunks, 3, width), mean.dtype)
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        moments_of(x[i, k * size : (k + 1) * size], means[i, k], squares[i, k], desk[task])
    for i in range(n):
        mean[i], variance[i] = means[i, 0], squares[i, 0]
        for k in range(1, chunks):
            rows = min(size, numbers - k * size) // c
            join(mean[i], variance[i], means[i, k], squares[i, k], (k * size // c, rows))
        variance[i] /= mean.dtype.type(numbers // c)


@kernel
def affine(x: Any, centre: Any, scale: Any, shift: Any, y: Any) -> None:
    """The output y = scale (x - centre) + shift, the three by plane: [n, c] or [1, c]."""
    n, numbers = x.shape
    width, size, chunks = layout(numbers, centre.shape[1])
    desk = np.empty((n * chunks, 3, width), centre.dtype)
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        m, s, b = desk[task, 0], desk[task, 1], desk[task, 2]
        tile(centre[i % len(centre)], m)
        tile(scale[i % len(scale)], s)
        tile(shift[i % len(shift)], b)
        affine_of(x[i, k * size : (k + 1) * size], m, s, b, y[i, k * size : (k + 1) * size])


@kernel
def sums(x: Any, g: Any, centre: Any, total: Any, product: Any) -> None:
    """Sums over each plane of g, and of g (x - centre), into total[n, c] and product[n, c]."""
    n, numbers = x.shape
    width, size, chunks = layout(numbers, centre.shape[1])
    totals = np.empty((n, chunks, total.shape[1]), total.dtype)
    products = np.empty((n, chunks, total.shape[1]), total.dtype)
    desk = np.empty((n * chunks, 3, width), total.dtype)
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        chunk, upstream = x[i, k * size : (k + 1) * size], g[i, k * size : (k + 1) * size]
        tile(centre[i % len(centre)], desk[task, 0])
        add_up(chunk, upstream, desk[task], totals[i, k], products[i, k])
    for i in range(n):
        total[i], product[i] = totals[i, 0], products[i, 0]
        for k in range(1, chunks):
            total[i] += totals[i, k]
            product[i] += products[i, k]


@kernel
def combine(x: Any, g: Any, centre: Any, of_g: Any, of_x: Any, shift: Any, dx: Any) -> None:
    """The gradient dx = of_g g + of_x (x - centre) + shift, the four by plane: [n, c] or [1, c]."""
    n, numbers = x.shape
    width, size, chunks = layout(numbers, centre.shape[1])
    desk = np.empty((n * chunks, 4, width), centre.dtype)
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        tile(centre[i % len(centre)], desk[task, 0])
        tile(of_g[i % len(of_g)], desk[task, 1])
        tile(of_x[i % len(of_x)], desk[task, 2])
        tile(shift[i % len(shift)], desk[task, 3])
        chunk = slice(k * size, (k + 1) * size)
        combine_of(x[i, chunk], g[i, chunk], desk[task], dx[i, chunk])


@kernel
def alone(x: Any, weight: Any, bias: Any, pool: Any, y: Any, found: Any) -> None:
    """Each image normalised by moments of its own, over `pool[0]` groups of channels, eps pool[1].

    Means, δ and r as in `moments` and `pools` go into found[3, n, c].
    """
    n, numbers = x.shape
    c = len(weight)
    groups, eps = pool
    run = c // groups
    width, size, chunks = layout(numbers, c)
    wide = found.dtype.type
    desks = np.empty((n, 5, width), found.dtype)
    for i in prange(n):
        mean, rest, inverse, desk = found[0, i], found[1, i], found[2, i], desks[i]
        variance = inverse
        moments_of(x[i, :size], mean, variance, desk[:3])
        for k in range(1, chunks):
            rows = min(size, numbers - k * size) // c
            moments_of(x[i, k * size : (k + 1) * size], desk[3, :c], desk[4, :c], desk[:3])
            join(mean, variance, desk[3], desk[4], (k * size // c, rows))
        s, b = desk[3, :c], desk[4, :c]
        for first in range(0, c, run):
            centre, spread = wide(0), wide(0)
            for a in range(first, first + run):
                centre += mean[a] / wide(run)
            for a in range(first, first + run):
                rest[a] = mean[a] - centre
                spread += (variance[a] / wide(numbers // c) + rest[a] * rest[a]) / wide(run)
            r = wide(1 / np.sqrt(spread + eps))
            for a in range(first, first + run):
                inverse[a] = r
                s[a] = weight[a] * r
                b[a] = bias[a] + s[a] * rest[a]
        affine_of(x[i], tile(mean, desk[0]), tile(s, desk[1]), tile(b, desk[2]), y[i])


@kernel
def alone_gradient(
    x: Any, g: Any, weight: Any, groups: Any, found: Any, dx: Any, of_weights: Any
) -> None:
    """The gradient of `alone`; that of weight and bias by image into of_weights[2, n, c]."""
    n, numbers = x.shape
    c = len(weight)
    run = c // groups
    width = layout(numbers, c)[0]
    wide = found.dtype.type
    share = wide(1) / wide(run) / wide(numbers // c)
    desks = np.empty((n, 7, width), found.dtype)
    for i in prange(n):
        rest, inverse, desk = found[1, i], found[2, i], desks[i]
        of_weight, total = of_weights[0, i], of_weights[1, i]
        tile(found[0, i], desk[0])
        add_up(x[i], g[i], desk, total, of_weight)
        u, v, b = desk[4, :c], desk[5, :c], desk[6, :c]
        for first in range(0, c, run):
            of_variance, of_mean = wide(0), wide(0)
            for a in range(first, first + run):
                u[a] = weight[a] * inverse[a]
                of_weight[a] = inverse[a] * (of_weight[a] + rest[a] * total[a])
                of_variance += u[a] * inverse[a] * of_weight[a]
                of_mean += u[a] * total[a]
            for a in range(first, first + run):
                v[a] = -share * of_variance
                b[a] = v[a] * rest[a] - share * of_mean
        tile(u, desk[1])
        tile(v, desk[2])
        tile(b, desk[3])
        combine_of(x[i], g[i], desk, dx[i])
