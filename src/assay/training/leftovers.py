"""What trainings leave to go on from, where it lies, and when it goes.

It stays when its training has ended, as DVC has still to hash and link the result: killed before
dvc.lock names that, the training goes on from there. The next stage that trains or evaluates in the
same folder removes it.
"""

import hashlib
import shutil
import time
from contextlib import suppress
from pathlib import Path

from assay.files import write_text
from assay.places import parent_root

FOLDER = ".assay/resume"
ENDED = "ended.md5"  # beside the state of a training that has ended: by what dvc.lock will name it
GONE = ".gone"  # ends the name of what is being removed
KEPT = 14 * 24 * 3600.0  # seconds after which nobody will go on


def place() -> Path:
    """The folder, in the repository that a `--temp` or queued run is a copy of."""
    return parent_root() / FOLDER


def ended(folder: Path, result: Path) -> None:
    """Note that the training of `folder` made `result`, a file that no other one makes alike."""
    found = hashlib.md5(result.read_bytes(), usedforsecurity=False).hexdigest()
    with suppress(OSError):  # a full disk: it stays for KEPT then
        write_text(folder / ENDED, found)


def goes_on(folder: Path) -> None:
    """Take the note back: a training, maybe of another copy of the repository, uses `folder`."""
    (folder / ENDED).unlink(missing_ok=True)


def sweep() -> None:
    """Remove what DVC has recorded here, and what nobody has gone on from for a long time."""
    lock = Path("dvc.lock")
    recorded = lock.read_text(encoding="utf-8") if lock.exists() else ""
    for old in place().glob("*"):
        with suppress(OSError):  # another process has just removed it, or owns it
            if old.suffix == GONE:
                shutil.rmtree(old)
            elif _is_recorded(old / ENDED, recorded) or time.time() - old.stat().st_mtime > KEPT:
                _remove(old)


def _remove(old: Path) -> None:
    """A folder first goes aside: killed in between, no half of it is taken for the whole."""
    if old.is_dir():
        gone = old.with_name(f"{old.name}{GONE}")
        old.rename(gone)
        shutil.rmtree(gone)
    else:
        old.unlink()


def _is_recorded(file: Path, recorded: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") in recorded
