"""Files of a zip archive, in the order in which they lie there. Never extracted."""

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from assay.data.sources.member import Member
from assay.fault import Fault

_ENCRYPTED = 1  # bit of the flags


def members(path: Path) -> Iterator[Member]:
    """What the archive lists; a Fault where it is no zip archive, or cut off."""
    with _opened(path) as archive:
        for entry in archive.infolist():
            name = entry.filename.replace("\\", "/")  # as some programs on Windows write it
            yield Member(name, entry.file_size, name.endswith("/"), _fault(entry))


def contents(path: Path, wanted: Mapping[int, str]) -> Iterator[tuple[int, bytes | str]]:
    """The bytes of the wanted members, by their number in the archive's list."""
    with _opened(path) as archive:
        entries = archive.infolist()
        for number in sorted(wanted, key=lambda number: entries[number].header_offset):
            try:
                yield number, archive.read(entries[number])
            except (
                zipfile.BadZipFile,
                zlib.error,
                lzma.LZMAError,
                EOFError,
                NotImplementedError,
                MemoryError,
                OSError,
            ) as error:
                yield number, f"damaged ({error or 'cut off'}); copy or download the archive again"


def _fault(entry: zipfile.ZipInfo) -> str | None:
    if entry.flag_bits & _ENCRYPTED:
        return "encrypted; pack the archive without a password"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link in an archive; pack the file itself"
    return None


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise Fault(
            f"{path}: not a whole zip archive ({error}); copy or download it again"
        ) from None
