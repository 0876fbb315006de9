"""The text of a CSV file, plain or gzipped, and what keeps it from being read."""

import csv
import difflib
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from assay.fault import Fault
from assay.params import yaml12

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """The text of a file; a Fault where it cannot be read to its end."""
    try:
        with path.open("rb") as file, text_of(file, str(path)) as text:
            yield text
    except FileNotFoundError:
        raise Fault(f"{path}: no such file; put it there, or correct the path") from None
    except OSError as error:
        raise Fault(
            f"{path}: cannot be read ({error.strerror or error}); a CSV file is wanted"
        ) from None


@contextmanager
def text_of(file: BinaryIO, where: str) -> Iterator[TextIO]:
    """The text of a file that is open, named in messages as `where`, whose end says how to read."""
    zipped = where.endswith(".gz")
    try:
        with gzip.open(file) if zipped else file as plain:
            yield io.TextIOWrapper(plain, "utf-8-sig", newline="")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Fault(f"{where}: damaged archive ({error}); copy or download it again") from None
    except UnicodeDecodeError as error:
        gzipped = not zipped and error.object.startswith(b"\x1f\x8b")
        mend = "it is gzip data: name it .csv.gz" if gzipped else "save it as UTF-8"
        raise Fault(f"{where}: not UTF-8 text ({error.reason}); {mend}") from None


def header(path: Path) -> list[str]:
    """The column names of a file; a Fault where there is none, or no row after it."""
    with opened(path) as text:
        rows = csv.reader(text)
        names = column_names(rows, str(path))
        if next((row for row in rows if row), None) is None:
            raise Fault(f"{path}: a header and no rows; add images, or name another file")
    return names


def column_names(rows: Iterator[list[str]], where: str) -> list[str]:
    """The first row, which names each column once."""
    names = next(rows, None)
    if not names:
        raise Fault(f"{where}: the file is empty; a header and one row an image are wanted")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Fault(f"{where}: the column '{twice}' stands twice; rename or remove one")
    return names


def missing_column(where: str, column: str, names: list[str], key: str) -> Fault:
    """What there is in place of a column, and how to name it in `data`."""
    for mark, told in {";": "semicolons", "\t": "tabs", "|": "bars"}.items():
        if column in [name.strip(' "') for name in ",".join(names).split(mark)]:
            return Fault(f"{where}: its values are separated by {told}; save it with commas")
    shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
    close = difflib.get_close_matches(column.lower(), [name.lower() for name in names], n=1)
    meant = next((name for name in names if [name.lower()] == close), None)
    mend = f"name the column in {key}"
    if meant:
        mend = f"did you mean {yaml12.written(meant)}? name it in {key}"
    return Fault(f"{where}: no column '{column}' (there are {shown}); {mend}")
