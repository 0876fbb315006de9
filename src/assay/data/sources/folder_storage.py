"""Files of a folder, each folder's in the order of their names.

DVC hashes what a link to a file leads to and passes over links to folders (tried with 3.67): so the
former are read, wherever they lead, and the latter refused. No loop of links is ever followed.
"""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from assay.data.sources.member import Member

_LINKED_FOLDER = (
    "a link to a folder, which DVC does not hash; put a copy of the folder in its place"
)


def members(root: Path) -> Iterator[Member]:
    """Every file and folder below `root`; a folder comes before what is in it."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(root / folder) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Member(folder, fault=_refused(error))
            continue
        for entry in inside:
            member = _member(entry, f"{folder}/{entry.name}" if folder else entry.name)
            if member.is_folder:
                waiting.append(member.name)
            yield member


def _member(entry: os.DirEntry[str], name: str) -> Member:
    if entry.is_dir(follow_symlinks=False):
        return Member(name, is_folder=True)
    try:
        seen = entry.stat()
    except OSError as error:
        return Member(name, fault=_refused(error))
    if stat.S_ISDIR(seen.st_mode):
        return Member(name, fault=_LINKED_FOLDER)
    if not stat.S_ISREG(seen.st_mode):
        return Member(name, fault="a device or pipe, and no file; remove it")
    return Member(name, size=seen.st_size)


def contents(root: Path, wanted: Mapping[int, str]) -> Iterator[tuple[int, bytes | str]]:
    """The bytes of the wanted files, or why they cannot be had."""
    for number, name in wanted.items():
        try:
            with open(f"{root}/{name}", "rb", buffering=0) as file:  # noqa: PTH123 (half the time)
                yield number, file.read()
        except OSError as error:
            yield number, _refused(error)


def _refused(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "a link that leads round in a circle; remove it"
    if error.errno == errno.ENOENT:
        return (
            "a link that leads nowhere, or a file that has gone; put the file there, or remove it"
        )
    return f"cannot be read ({error.strerror or error}); make it readable, or remove it"
