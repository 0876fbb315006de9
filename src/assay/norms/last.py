"""The passes over images whose channels lie last in memory, compiled: x[n, p c], p pixels of c.

Each reads and writes every number once. Rows of fewer than 64 channels are taken several at a time,
and sums by two or four rows: that keeps the vector units busy. Sums go in the same order whatever
the number of threads. Deviations are from a guess of the mean, that of a chunk's first pixels, and
chunks joined as Chan, Golub and LeVeque have it (Algorithms for computing the sample variance,
1983): so a large mean costs no accuracy, and constants have no variance at all.
"""

from typing import Any

import numpy as np
from numba import prange

from assay.norms.native import kernel, load, part, store

WIDTH = 64  # numbers in a row, at least
CHUNK = 2**17  # numbers of an image that one thread takes at a time, about
GUESS = 8  # pixels


@part
def layout(numbers: Any, c: Any) -> Any:
    """Width of a row in numbers, size of a chunk, and how many chunks an image has."""
    width = c * ((WIDTH + c - 1) // c)
    size = 4 * width * ((CHUNK + 4 * width - 1) // (4 * width))
    return width, size, (numbers + size - 1) // size


@part
def tiled(rows: Any, i: Any, width: Any) -> Any:
    """An image's channels' numbers, or those that all share, again and again up to the width."""
    row = rows[i % len(rows)]
    out = np.empty(width, row.dtype)
    for first in range(0, width, len(row)):
        out[first : first + len(row)] = row
    return out


@part
def folded(row: Any, out: Any) -> None:
    """The other way round: the sum of what belongs to a channel."""
    out[:] = 0
    for first in range(0, len(row), len(out)):
        for a in range(len(out)):
            out[a] += row[first + a]


@part
def guess(x: Any, out: Any) -> None:
    """The mean of a chunk's first pixels; of equal ones it is exact."""
    c = len(out)
    pixels = min(GUESS, len(x) // c)
    rest = np.zeros(c, out.dtype)
    for r in range(1, pixels):
        for a in range(c):
            rest[a] += load(x[r * c + a]) - load(x[a])
    for a in range(c):
        out[a] = load(x[a]) + rest[a] / out.dtype.type(pixels)


@kernel
def moments(x: Any, mean: Any, variance: Any) -> None:
    """Mean and biased variance of each plane into mean[n, c] and variance[n, c]."""
    n, numbers = x.shape
    c = mean.shape[1]
    wide = mean.dtype.type
    width, size, chunks = layout(numbers, c)
    means = np.empty((n, chunks, c), mean.dtype)
    squares = np.empty((n, chunks, c), mean.dtype)
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        chunk, centre, square = x[i, k * size : (k + 1) * size], means[i, k], squares[i, k]
        guess(chunk, centre)
        m = tiled(means[i], k, width)
        t, q = np.zeros(width, mean.dtype), np.zeros(width, mean.dtype)
        fours = len(chunk) // (4 * width)
        for row in range(0, 4 * fours, 4):
            x0, x1 = chunk[row * width :], chunk[(row + 1) * width :]
            x2, x3 = chunk[(row + 2) * width :], chunk[(row + 3) * width :]
            for a in range(width):
                d0, d1 = load(x0[a]) - m[a], load(x1[a]) - m[a]
                d2, d3 = load(x2[a]) - m[a], load(x3[a]) - m[a]
                t[a] += (d0 + d1) + (d2 + d3)
                q[a] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3)
        for first in range(4 * fours * width, len(chunk), width):
            row = chunk[first : first + width]
            for a in range(len(row)):
                d = load(row[a]) - m[a]
                t[a] += d
                q[a] += d * d
        total = np.empty(c, mean.dtype)
        folded(t, total)
        folded(q, square)
        for a in range(c):
            step = total[a] / wide(len(chunk) // c)
            square[a] -= step * total[a]
            centre[a] += step
    for i in range(n):
        for a in range(c):
            mean[i, a], variance[i, a] = means[i, 0, a], squares[i, 0, a]
        for k in range(1, chunks):
            seen, rows = k * size, min(size, numbers - k * size)
            share = wide(rows) / wide(seen + rows)
            for a in range(c):
                step = means[i, k, a] - mean[i, a]
                mean[i, a] += step * share
                variance[i, a] += squares[i, k, a] + step * step * share * wide(seen // c)
        for a in range(c):
            variance[i, a] = max(variance[i, a], wide(0)) / wide(numbers // c)


@kernel
def affine(x: Any, centre: Any, scale: Any, shift: Any, y: Any) -> None:
    """Y = scale (x - centre) + shift, the three by plane: [n, c] or [1, c]."""
    n, numbers = x.shape
    width, size, chunks = layout(numbers, centre.shape[1])
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        m, s, b = tiled(centre, i, width), tiled(scale, i, width), tiled(shift, i, width)
        for first in range(k * size, min((k + 1) * size, numbers), width):
            row, out = x[i, first : first + width], y[i, first : first + width]
            for a in range(len(row)):
                out[a] = store((load(row[a]) - m[a]) * s[a] + b[a], out[a])


@kernel
def sums(x: Any, g: Any, centre: Any, total: Any, product: Any) -> None:
    """Sums over each plane of g, and of g (x - centre), into total[n, c] and product[n, c]."""
    n, numbers = x.shape
    c = centre.shape[1]
    width, size, chunks = layout(numbers, c)
    totals = np.empty((n, chunks, c), total.dtype)
    products = np.empty((n, chunks, c), total.dtype)
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        images, upstream = x[i, k * size : (k + 1) * size], g[i, k * size : (k + 1) * size]
        m = tiled(centre, i, width)
        t, q = np.zeros(width, total.dtype), np.zeros(width, total.dtype)
        twos = len(images) // (2 * width)
        for row in range(0, 2 * twos, 2):
            x0, x1 = images[row * width :], images[(row + 1) * width :]
            g0, g1 = upstream[row * width :], upstream[(row + 1) * width :]
            for a in range(width):
                u0, u1 = load(g0[a]), load(g1[a])
                t[a] += u0 + u1
                q[a] += u0 * (load(x0[a]) - m[a]) + u1 * (load(x1[a]) - m[a])
        for first in range(2 * twos * width, len(images), width):
            xs, gs = images[first : first + width], upstream[first : first + width]
            for a in range(len(xs)):
                t[a] += load(gs[a])
                q[a] += load(gs[a]) * (load(xs[a]) - m[a])
        folded(t, totals[i, k])
        folded(q, products[i, k])
    for i in range(n):
        total[i], product[i] = 0, 0
        for k in range(chunks):
            for a in range(c):
                total[i, a] += totals[i, k, a]
                product[i, a] += products[i, k, a]


@kernel
def combine(x: Any, g: Any, centre: Any, of_g: Any, of_x: Any, shift: Any, dx: Any) -> None:
    """Dx = of_g g + of_x (x - centre) + shift, the four by plane: [n, c] or [1, c]."""
    n, numbers = x.shape
    width, size, chunks = layout(numbers, centre.shape[1])
    for task in prange(n * chunks):
        i, k = task // chunks, task % chunks
        m, b = tiled(centre, i, width), tiled(shift, i, width)
        u, v = tiled(of_g, i, width), tiled(of_x, i, width)
        for first in range(k * size, min((k + 1) * size, numbers), width):
            xs, gs = x[i, first : first + width], g[i, first : first + width]
            out = dx[i, first : first + width]
            for a in range(len(xs)):
                out[a] = store(u[a] * load(gs[a]) + v[a] * (load(xs[a]) - m[a]) + b[a], out[a])
