"""Files that are old or new, never half: written beside, flushed, then renamed into place."""

import glob
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Hand out a path beside `path`; on success it takes the place of `path`, else it goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield beside
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:  # a write that fails does not say where
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise
    finally:
        beside.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove what killed processes left beside `path`."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        owner = left.name.rpartition(".")[2]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            left.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(file: Path) -> None:
    """Append the SHA-256 of a file's content to it."""
    found = sha256(file)
    with file.open("ab") as end:  # torch.load reads a zip archive, and nothing behind it
        end.write(bytes.fromhex(found))


def is_sealed(file: Path) -> bool:
    """Whether a file is as `seal` left it."""
    content = memoryview(file.read_bytes())
    size = hashlib.sha256().digest_size
    return hashlib.sha256(content[:-size]).digest() == content[-size:]


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8 with line feeds, whatever the platform."""
    with replacing(path) as beside:
        beside.write_bytes(text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys, so that equal values are equal bytes; NaN is refused."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))
