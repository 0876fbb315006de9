"""The passes over images whose pixels lie last in memory, compiled: x[n c, p], planes of p pixels.

Each reads and writes every number once; deviations are from a guess of the mean, as in `last`.
"""

from typing import Any

from numba import prange

from assay.norms.native import kernel, load, part, store

GUESS = 8  # pixels
BLOCK = 4096  # pixels whose sum is taken before it is added: fewer roundings


@part
def of(rows: Any, plane: Any) -> Any:
    """A plane's number, or the one that all images share."""
    n, c = rows.shape
    return rows[plane // c % n, plane % c]


@kernel
def moments(x: Any, mean: Any, variance: Any) -> None:
    """Mean and biased variance of each plane into mean[n, c] and variance[n, c]."""
    m, p = x.shape
    c = mean.shape[1]
    wide = mean.dtype.type
    for i in prange(m):
        guess = load(x[i, 0])
        rest = wide(0)
        for r in range(min(GUESS, p)):
            rest += load(x[i, r]) - guess
        guess += rest / wide(min(GUESS, p))
        t, q = wide(0), wide(0)
        for first in range(0, p, BLOCK):
            block_t, block_q = wide(0), wide(0)
            for r in range(first, min(first + BLOCK, p)):
                d = load(x[i, r]) - guess
                block_t += d
                block_q += d * d
            t += block_t
            q += block_q
        step = t / wide(p)
        mean[i // c, i % c] = guess + step
        variance[i // c, i % c] = max(q - step * t, wide(0)) / wide(p)


@kernel
def affine(x: Any, centre: Any, scale: Any, shift: Any, y: Any) -> None:
    """The output y = scale (x - centre) + shift, the three by plane: [n, c] or [1, c]."""
    m, p = x.shape
    for i in prange(m):
        c, s, b = of(centre, i), of(scale, i), of(shift, i)
        for r in range(p):
            y[i, r] = store((load(x[i, r]) - c) * s + b, y[i, r])


@kernel
def sums(x: Any, g: Any, centre: Any, total: Any, product: Any) -> None:
    """Sums over each plane of g, and of g (x - centre), into total[n, c] and product[n, c]."""
    m, p = x.shape
    channels = total.shape[1]
    wide = total.dtype.type
    for i in prange(m):
        c = of(centre, i)
        t, q = wide(0), wide(0)
        for first in range(0, p, BLOCK):
            block_t, block_q = wide(0), wide(0)
            for r in range(first, min(first + BLOCK, p)):
                block_t += load(g[i, r])
                block_q += load(g[i, r]) * (load(x[i, r]) - c)
            t += block_t
            q += block_q
        total[i // channels, i % channels] = t
        product[i // channels, i % channels] = q


@kernel
def combine(x: Any, g: Any, centre: Any, of_g: Any, of_x: Any, shift: Any, dx: Any) -> None:
    """The gradient dx = of_g g + of_x (x - centre) + shift, the four by plane: [n, c] or [1, c]."""
    m, p = x.shape
    for i in prange(m):
        c, u, v, b = of(centre, i), of(of_g, i), of(of_x, i), of(shift, i)
        for r in range(p):
            dx[i, r] = store(u * load(g[i, r]) + v * (load(x[i, r]) - c) + b, dx[i, r])
