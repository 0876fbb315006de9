"""What is wrong with a pixel CSV, and in which row and column: the slow second look."""

import csv
from pathlib import Path

from assay.data.sources.csv_text import opened
from assay.fault import Fault


def first_fault(
    path: Path, names: list[str], label: str | None, reason: object, *, blank: bool
) -> Fault:
    """The first row or cell that cannot be taken; rows count from 1, the header apart.

    Where every cell can be, the fault is `reason`. A label may be missing if it may be `blank`.
    """
    with opened(path) as text:
        rows = csv.reader(text)
        next(rows)
        for number, row in enumerate((row for row in rows if row), start=1):
            if len(row) != len(names):
                return Fault(
                    f"{path}: row {number} has {len(row)} values, the header has {len(names)}; "
                    "mend the row"
                )
            for name, cell in zip(names, row, strict=True):
                if name == label:
                    fault = None if blank else _label_fault(cell)
                else:
                    fault = _pixel_fault(cell)
                if fault:
                    return Fault(f"{path}: row {number}, column '{name}': {fault}")
    return Fault(f"{path}: {' '.join(str(reason).split())}")


def _label_fault(cell: str) -> str | None:
    return None if cell.strip() else "no label; give one, or move the row to the unlabelled file"


def _pixel_fault(cell: str) -> str | None:
    text = cell.strip()
    if text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= 255:
        return None
    if not text:
        return "no pixel value; a whole number from 0 to 255 is wanted"
    return f"'{text[:30]}' is not a pixel value; a whole number from 0 to 255 is wanted"
