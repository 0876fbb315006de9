"""What is wrong with a pixel CSV, and in which row and column: the slow second look."""

import csv
import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from assay.fault import Fault

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """The text of a plain or gzipped file; a Fault where it cannot be read to its end."""
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8-sig", newline="") as text:
            yield text
    except FileNotFoundError:
        raise Fault(f"{path}: no such file; put it there, or correct the path") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Fault(f"{path}: damaged archive ({error}); copy or download it again") from None
    except UnicodeDecodeError as error:
        with path.open("rb") as file:
            zipped = path.suffix != ".gz" and file.read(2) == b"\x1f\x8b"
        mend = "it is gzip data: name it .csv.gz" if zipped else "save it as UTF-8"
        raise Fault(f"{path}: not UTF-8 text ({error.reason}); {mend}") from None
    except OSError as error:
        raise Fault(
            f"{path}: cannot be read ({error.strerror or error}); a CSV file is wanted"
        ) from None


def header(path: Path) -> list[str]:
    """The column names; a Fault where there is none, or no row after it."""
    with opened(path) as text:
        rows = csv.reader(text)
        names = next(rows, None)
        if not names:
            raise Fault(f"{path}: the file is empty; a header and one row an image are wanted")
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise Fault(f"{path}: the column '{twice}' stands twice; rename or remove one")
        if next((row for row in rows if row), None) is None:
            raise Fault(f"{path}: a header and no rows; add images, or name another file")
    return names


def first_fault(path: Path, names: list[str], label: str | None, error: Exception) -> Fault:
    """The first row or cell that cannot be taken; rows count from 1, the header apart."""
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
                fault = _label_fault(cell) if name == label else _pixel_fault(cell)
                if fault:
                    return Fault(f"{path}: row {number}, column '{name}': {fault}")
    return Fault(f"{path}: {' '.join(str(error).split())}")


def _label_fault(cell: str) -> str | None:
    return None if cell.strip() else "no label; give one, or move the row to the unlabelled file"


def _pixel_fault(cell: str) -> str | None:
    text = cell.strip()
    if text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= 255:
        return None
    if not text:
        return "no pixel value; a whole number from 0 to 255 is wanted"
    return f"'{text[:30]}' is not a pixel value; a whole number from 0 to 255 is wanted"
