"""What the passes do to a part of an image whose channels lie last: x[p c], pixels of c numbers.

Coefficients are by channel and tiled to a row's width. Deviations are from a guess of the mean,
that of the first pixels, and parts are joined as Chan, Golub and LeVeque have it (Algorithms for
computing the sample variance, 1983): so a large mean costs no accuracy, and constants have no
variance at all.
"""

from typing import Any

from assay.norms.native import load, part, store

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
def tile(row: Any, out: Any) -> Any:
    """Channels' numbers again and again up to the width."""
    for first in range(0, len(out), len(row)):
        for a in range(len(row)):
            out[first + a] = row[a]
    return out


@part
def fold(row: Any, out: Any) -> None:
    """The other way round: add up what belongs to a channel."""
    for first in range(0, len(row), len(out)):
        for a in range(len(out)):
            out[a] += row[first + a]


@part
def guess(x: Any, out: Any) -> None:
    """The mean of the first pixels; of equal ones it is exact."""
    c = len(out)
    pixels = min(GUESS, len(x) // c)
    out[:] = 0
    for r in range(1, pixels):
        for a in range(c):
            out[a] += load(x[r * c + a]) - load(x[a])
    for a in range(c):
        out[a] = load(x[a]) + out[a] / out.dtype.type(pixels)


@part
def moments_of(x: Any, mean: Any, square: Any, desk: Any) -> None:
    """Mean, and sum of squared deviations from it, of each channel; `desk` is three free rows."""
    c, width = len(mean), desk.shape[1]
    guess(x, mean)
    m, t, q = tile(mean, desk[0]), desk[1], desk[2]
    t[:], q[:] = 0, 0
    fours = len(x) // (4 * width)
    for row in range(0, 4 * fours, 4):
        x0, x1 = x[row * width :], x[(row + 1) * width :]
        x2, x3 = x[(row + 2) * width :], x[(row + 3) * width :]
        for a in range(width):
            d0, d1 = load(x0[a]) - m[a], load(x1[a]) - m[a]
            d2, d3 = load(x2[a]) - m[a], load(x3[a]) - m[a]
            t[a] += (d0 + d1) + (d2 + d3)
            q[a] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3)
    for first in range(4 * fours * width, len(x), width):
        rest = x[first : first + width]
        for a in range(len(rest)):
            d = load(rest[a]) - m[a]
            t[a] += d
            q[a] += d * d
    total = m[:c]
    total[:], square[:] = 0, 0
    fold(t, total)
    fold(q, square)
    for a in range(c):
        step = total[a] / mean.dtype.type(len(x) // c)
        square[a] = max(square[a] - step * total[a], mean.dtype.type(0))
        mean[a] += step


@part
def join(mean: Any, square: Any, other_mean: Any, other_square: Any, pixels: Any) -> None:
    """Put another part's moments to those of all before; `pixels` before, and of the other."""
    wide = mean.dtype.type
    seen, more = wide(pixels[0]), wide(pixels[1])
    share = more / (seen + more)
    for a in range(len(mean)):
        step = other_mean[a] - mean[a]
        mean[a] += step * share
        square[a] += other_square[a] + step * step * share * seen


@part
def affine_of(x: Any, m: Any, s: Any, b: Any, y: Any) -> None:
    """The output y = s (x - m) + b."""
    width = len(m)
    for first in range(0, len(x), width):
        row, out = x[first : first + width], y[first : first + width]
        for a in range(len(row)):
            out[a] = store((load(row[a]) - m[a]) * s[a] + b[a], out[a])


@part
def add_up(x: Any, g: Any, desk: Any, total: Any, product: Any) -> None:
    """Each channel's sums of g and of g (x - m); `desk` is m and two free rows."""
    m, t, q = desk[0], desk[1], desk[2]
    width = len(m)
    t[:], q[:], total[:], product[:] = 0, 0, 0, 0
    twos = len(x) // (2 * width)
    for row in range(0, 2 * twos, 2):
        x0, x1 = x[row * width :], x[(row + 1) * width :]
        g0, g1 = g[row * width :], g[(row + 1) * width :]
        for a in range(width):
            u0, u1 = load(g0[a]), load(g1[a])
            t[a] += u0 + u1
            q[a] += u0 * (load(x0[a]) - m[a]) + u1 * (load(x1[a]) - m[a])
    for first in range(2 * twos * width, len(x), width):
        xs, gs = x[first : first + width], g[first : first + width]
        for a in range(len(xs)):
            t[a] += load(gs[a])
            q[a] += load(gs[a]) * (load(xs[a]) - m[a])
    fold(t, total)
    fold(q, product)


@part
def combine_of(x: Any, g: Any, desk: Any, dx: Any) -> None:
    """The gradient dx = u g + v (x - m) + b, with m, u, v and b the rows of the desk."""
    m, u, v, b = desk[0], desk[1], desk[2], desk[3]
    width = len(m)
    for first in range(0, len(x), width):
        xs, gs, out = x[first : first + width], g[first : first + width], dx[first : first + width]
        for a in range(len(xs)):
            out[a] = store(u[a] * load(gs[a]) + v[a] * (load(xs[a]) - m[a]) + b[a], out[a])
