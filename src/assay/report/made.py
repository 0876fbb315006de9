"""What stages made, read from their files: a Fault names what is missing or broken."""

from collections.abc import Callable, Container, Iterable
from pathlib import Path
from typing import Any, TypeVar

from assay.fault import Fault, listed
from assay.files import read_json

T = TypeVar("T")


def made(path: Path, reader: Callable[[Path], T], wanted: Iterable[str], stage: str) -> T:
    """What a stage made, with the keys or columns that are wanted of it."""
    found: Any = read(path, reader)
    must_have(found, wanted, path, stage)  # of a table its columns
    return found


def must_have(there: Container[str], wanted: Iterable[str], path: Path, stage: str) -> None:
    """Refuse what a stage made where a key or column that is wanted of it is not there."""
    missing = [name for name in wanted if not isinstance(there, Container) or name not in there]
    if missing:
        told = listed(missing)
        raise Fault(f"{path}: {told} missing; make it again with `dvc repro --force {stage}`")


def known(path: Path) -> Any:
    """What a JSON file of a study says; a Fault where it is missing or broken."""
    return read(path, read_json)


def read(path: Path, reader: Callable[[Path], T]) -> T:
    """A file by its reader; a Fault where it is missing or broken."""
    try:
        return reader(path)
    except FileNotFoundError:
        kept = f", or `git restore {path}`" if "metrics" in path.parts else ""
        raise Fault(f"{path}: missing; make it with `dvc repro`{kept}") from None
    except PermissionError:
        raise
    except (ValueError, OSError, RecursionError) as error:  # what json, pandas and Arrow raise
        raise Fault(f"{path}: cannot be read ({error}); remove it and `dvc repro`") from None
