"""Files below one root, a folder or an archive: listed before any is read, then streamed."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from assay.data.sources import folder_storage, tar_storage, zip_storage
from assay.data.sources.member import Member
from assay.fault import Fault

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip")
_LARGEST = 2**28  # bytes of one file: a larger one is no image
_ASIDE = {"__MACOSX", "Thumbs.db", "desktop.ini"}  # as are hidden files: systems leave them behind

_Contents = Callable[[Path, Mapping[int, str]], Iterator[tuple[int, bytes | str]]]


class Tree(NamedTuple):
    """Files by their names, with `/` between the parts of a name."""

    path: Path
    files: dict[str, int]  # the number of each in its storage
    empty: list[str]  # folders without a file or a folder
    refused: dict[str, str]  # what cannot be taken, and why
    contents: _Contents

    def at(self, name: str) -> str:
        """Where a file lies, as messages tell it."""
        return str(self.path / name) if self.path.is_dir() else f"{self.path}: {name}"

    def faults(self) -> list[Fault]:
        """What cannot be taken, in the order of names."""
        return [Fault(f"{self.at(name)}: {why}") for name, why in sorted(self.refused.items())]

    def stream(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | Fault]]:
        """The files of these names, in the order that is quickest to read, one at a time."""
        wanted = {self.files[name]: name for name in names}
        for number, content in self.contents(self.path, wanted):
            name = wanted[number]
            told = content if isinstance(content, bytes) else Fault(f"{self.at(name)}: {content}")
            yield name, told


def is_archive(path: Path) -> bool:
    """Whether the name is that of an archive that `opened` reads."""
    return path.name.lower().endswith(ARCHIVES)


def opened(path: Path) -> Tree:
    """The files of a folder or an archive; a Fault where it is neither, or not whole.

    Hidden files and what systems leave behind are left aside.
    """
    if path.is_dir():
        return _tree(path, folder_storage.members(path), folder_storage.contents)
    if not path.exists():
        raise Fault(f"{path}: no such folder or archive; put it there, or correct the path")
    if not is_archive(path):
        raise Fault(f"{path}: neither a folder nor an archive; {', '.join(ARCHIVES)} are read")
    start = _start(path)
    if start.lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise Fault(f"{path}: a web page, and no archive; download the archive itself")
    storage = (
        zip_storage
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")) or path.suffix == ".zip"
        else tar_storage
    )
    return _tree(path, storage.members(path), storage.contents)


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(512)
    except OSError as error:
        raise Fault(f"{path}: cannot be read ({error.strerror}); make it readable") from None


def _tree(path: Path, members: Iterable[Member], contents: _Contents) -> Tree:
    files: dict[str, int] = {}
    refused: dict[str, str] = {}
    folders: set[str] = set()
    for number, member in enumerate(members):
        parts = tuple(part for part in member.name.split("/") if part not in {"", "."})
        kept = tuple(takewhile(_kept, parts))
        name = "/".join(parts)
        why = _why_refused(member, parts)
        if kept != parts or member.is_folder:
            folders.update(_ending_at(kept))
        elif why or name in files:
            refused[_printable(member.name)] = why or "stands twice in the archive; pack it once"
        else:
            files[name] = number
            folders.update(_ending_at(parts[:-1]))
    full = {name.rpartition("/")[0] for name in (*files, *folders, *refused)}
    return Tree(path, files, sorted(folders - full), refused, contents)


def _kept(part: str) -> bool:
    return part == ".." or not (part.startswith(".") or part in _ASIDE)


def _ending_at(parts: tuple[str, ...]) -> Iterator[str]:
    """A folder and those that it lies in."""
    for end in range(len(parts), 0, -1):
        yield "/".join(parts[:end])


def _why_refused(member: Member, parts: tuple[str, ...]) -> str | None:
    if member.fault:
        return member.fault
    if member.name.startswith("/") or re.match("[A-Za-z]:[/\\\\]", member.name):
        return "an absolute path; pack the archive with paths below its root"
    if ".." in parts:
        return "a path out of the archive; pack the archive with paths below its root"
    if member.size > _LARGEST:
        return f"{member.size:,} bytes, over the {_LARGEST:,} allowed; remove it"
    if _printable(member.name) != member.name:
        return "its name is not UTF-8; rename it"
    return None


def _printable(name: str) -> str:
    return name.encode(errors="backslashreplace").decode()
