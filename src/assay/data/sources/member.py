"""What a folder or an archive says of one file in it, before any is read."""

from typing import NamedTuple


class Member(NamedTuple):
    """A file or a folder, by the name that its storage gives it."""

    name: str
    size: int = 0  # bytes, as declared
    is_folder: bool = False
    fault: str | None = None  # why it cannot be taken, and the mend
