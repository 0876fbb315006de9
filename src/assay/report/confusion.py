"""The confusion matrix laid out as squares, legible from two classes to a hundred."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from assay.report.run import Run
from assay.report.tables import shortened

NUMBERED = 20  # at most so many classes have their counts written into the squares
LONGEST = 16


@dataclass(frozen=True)
class Square:
    """Images of one class that were given one answer; `share` is of the class's images."""

    row: int
    column: int
    count: int
    share: float
    tip: str

    @property
    def right(self) -> bool:
        """Whether the answer is the class."""
        return self.row == self.column

    @property
    def opacity(self) -> float:
        """Rare confusions stay visible."""
        return round(0.25 + 0.75 * float(np.sqrt(self.share)), 3)


@dataclass(frozen=True)
class Matrix:
    """Squares of `side` pixels, labels cut to `names` in letters of `letter` pixels."""

    squares: tuple[Square, ...]
    classes: tuple[str, ...]
    side: float
    letter: float

    @property
    def numbered(self) -> bool:
        """Whether counts are written into the squares."""
        return len(self.classes) <= NUMBERED

    @property
    def names(self) -> list[str]:
        """Labels short enough for the margin."""
        return [shortened(name, LONGEST) for name in self.classes]

    @property
    def margin(self) -> float:
        """Pixels for the longest label."""
        return round(0.66 * self.letter * max(map(len, self.names)) + 26, 1)

    @property
    def width(self) -> float:
        """Pixels of the whole."""
        return round(self.margin + self.side * len(self.classes) + 4, 1)

    @property
    def least(self) -> float:
        """Pixels below which the whole is moved about in its frame rather than shrunk."""
        return round(self.width * (0.62 if self.numbered else 0.85), 1)


def confusion(runs: list[Run], split: str) -> Int[np.ndarray, "true predicted"]:
    """The confusion matrix of a split, added up over seeds."""
    counts: Int[np.ndarray, "true predicted"] = np.sum(
        [run.splits[split]["confusion"] for run in runs], axis=0
    )
    return counts


def matrix(counts: Int[np.ndarray, "true predicted"], classes: list[str]) -> Matrix:
    """Lay out a confusion matrix; empty squares are left out."""
    totals = counts.sum(axis=1)
    squares = [
        Square(row, column, count, count / int(totals[row]), _tip(classes, row, column, count))
        for row, column in np.argwhere(counts).tolist()
        for count in [int(counts[row, column])]
    ]
    many = len(classes)
    side = 38.0 if many <= 10 else 30.0 if many <= NUMBERED else 16.0 if many <= 50 else 10.0
    return Matrix(tuple(squares), tuple(classes), side, min(12.0, side * 0.85))


def _tip(classes: list[str], row: int, column: int, count: int) -> str:
    return f"{count} × {classes[row]}, taken for {classes[column]}"
