"""Keeping duplicates on one side of a split, without changing its sizes."""

import numpy as np
from jaxtyping import Int64

Rows = Int64[np.ndarray, " m"]


def together(
    parts: dict[str, Rows],
    codes: Int64[np.ndarray, " n"],
    groups: Int64[np.ndarray, " n"],
    seed: int,
) -> dict[str, Rows]:
    """The same parts with every group of rows wholly in one: that which has most of it.

    For each row that moves, a row of the same class (`codes`) that belongs to no larger group comes
    back, drawn at random; where no class has one left, the parts change by that row.
    """
    home = np.full(len(groups), -1, np.int64)
    for number, rows in enumerate(parts.values()):
        home[rows] = number
    placed = np.flatnonzero(home >= 0)
    sizes = np.bincount(groups)
    singles = _Singles(placed[sizes[groups[placed]] == 1], home, codes, seed)
    members = placed[sizes[groups[placed]] > 1]
    members = members[np.argsort(groups[members], kind="stable")]
    for group in np.split(members, np.flatnonzero(np.diff(groups[members])) + 1):
        target = int(np.bincount(home[group]).argmax()) if len(group) else 0
        for row in group[home[group] != target]:
            back = singles.take(int(codes[row]), target)
            if back is not None:
                home[back] = home[row]
            home[row] = target
    return {name: np.flatnonzero(home == number) for number, name in enumerate(parts)}


class _Singles:
    """Rows without duplicates, by class and part, each given out once."""

    def __init__(
        self,
        rows: Rows,
        home: Int64[np.ndarray, " n"],
        codes: Int64[np.ndarray, " n"],
        seed: int,
    ) -> None:
        self._rows: dict[tuple[int, int], list[int]] = {}
        for row in np.random.default_rng(seed).permutation(rows).tolist():
            self._rows.setdefault((int(codes[row]), int(home[row])), []).append(row)

    def take(self, code: int, part: int) -> int | None:
        """A row of the class in the part, else of the class that has most there."""
        found = self._rows.get((code, part))
        if not found:
            there = [rows for (_, home), rows in self._rows.items() if home == part and rows]
            found = max(there, key=len, default=[])
        return found.pop() if found else None
