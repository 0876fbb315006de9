"""Files of a tar archive, plain or compressed, in the archive's order: one pass each time.

Never extracted, so a name that climbs out leads nowhere. Where a header is damaged or
cut off, tarfile ends in silence as if the archive were whole; here that is a Fault.
"""

import lzma
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tarfile import EOFHeaderError, HeaderError, ReadError, TarFile  # type: ignore[attr-defined]
from typing import Self

from assay.data.sources.member import Member
from assay.fault import Fault

_LONGEST_NAME = 2**20  # bytes; a header that declares more would be read into memory whole
_NAMING = {
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
}


def members(path: Path) -> Iterator[Member]:
    """What the archive lists; a Fault where it is no tar archive, damaged or cut off."""
    with _opened(path) as tar:
        for header in _headers(tar):
            yield Member(header.name, header.size, header.isdir(), _fault(header))
        while tar.fileobj and tar.fileobj.read(2**20):
            pass  # to the end, where the checksum of a compressed archive stands


def contents(path: Path, wanted: Mapping[int, str]) -> Iterator[tuple[int, bytes | str]]:
    """The bytes of the wanted members, by their number in the archive."""
    left = len(wanted)
    with _opened(path) as tar:
        for number, header in enumerate(_headers(tar)):
            if number in wanted:
                file = tar.extractfile(header)
                yield number, file.read() if file else "no file; remove it"
                left -= 1
            if not left:
                return


def _fault(header: tarfile.TarInfo) -> str | None:
    if header.issym() or header.islnk():
        return "a link in an archive; pack the file itself (tar --dereference --hard-dereference)"
    if not header.isfile() and not header.isdir():
        return "a device or pipe, and no file; pack the archive without it"
    return None


def _headers(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while header := tar.next():
        tar.members.clear()  # type: ignore[attr-defined]  # tarfile would keep them all
        yield header


class _Header(tarfile.TarInfo):
    """A header that is damaged, cut off or absurd ends the reading with an error."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str | None, errors: str) -> Self:
        header = super().frombuf(buf, encoding or "utf-8", errors)
        longest = _LONGEST_NAME if header.type in _NAMING else 2**63
        if not 0 <= header.size <= longest:
            raise ReadError("a header that declares an impossible size")
        return header

    @classmethod
    def fromtarfile(cls, tarfile: TarFile) -> Self:
        try:
            header = super().fromtarfile(tarfile)
        except EOFHeaderError:  # the block of zeros that ends a whole archive
            raise
        except HeaderError as error:
            raise ReadError(str(error)) from None
        if header.size < 0:  # from a later header: tarfile would go backwards for ever
            raise ReadError("a header that declares an impossible size")
        return header


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:*", tarinfo=_Header) as tar:
            yield tar
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError) as error:
        told = str(error).splitlines()[0].rstrip(":") if str(error) else type(error).__name__
        raise Fault(
            f"{path}: not a whole tar archive ({told}); copy or download it again"
        ) from None
