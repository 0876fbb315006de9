"""Checkpoints of unfinished trainings, so that a killed one loses nothing.

They lie outside of what DVC knows, in a folder named by a hash of everything that determines the
result, and go once DVC has recorded that.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout

import assay
from assay.fault import on_one_line, warn
from assay.files import is_sealed, replacing, seal
from assay.models import State
from assay.models.saved import save_weights
from assay.training import leftovers

SHARE = 50  # of the time, at most one part in so many goes into writing
AGAIN = 600.0  # seconds after which what could not be written is tried again


class Checkpoint:
    """The state of one training on disk, written as often as its cost allows, and kept epochs."""

    def __init__(self, folder: Path | None, epochs: Path | None = None) -> None:
        """Without a folder no state is kept, and epochs where `epochs` says, if it does."""
        self._folder = folder
        self._place = folder or epochs
        self._kept: list[Path] = []
        self._due = 0.0

    @property
    def way_on(self) -> str:
        """What the same command will do after an interruption."""
        there = self._state is not None and self._state.exists()
        return f"the same command {'goes on from there' if there else 'starts again'}"

    @property
    def epochs(self) -> list[Path]:
        """The files of the epochs that were kept."""
        return sorted(self._folder.glob("epoch-*")) if self._folder else self._kept

    def read(self) -> dict[str, Any] | None:
        """What was kept; None where there is nothing, or not what was written."""
        if self._state is None or not self._state.exists():
            return None
        if not is_sealed(self._state):  # damaged: training anew mends it
            self._state.unlink()
            return None
        state: dict[str, Any] = torch.load(self._state, map_location="cpu", weights_only=True)
        return state

    def write(self, state: Callable[[], dict[str, Any]], *, now: bool = False) -> None:
        """Keep a state where it is due, or `now`."""
        started = time.perf_counter()
        if self._state is None or (started < self._due and not now):
            return
        found = state()
        try:
            with replacing(self._state) as beside:
                torch.save(found, beside)
                seal(beside)
        except (OSError, RuntimeError) as error:  # a full disk: torch raises the latter
            _warn(self._state.parent, error)
            self._due = time.perf_counter() + AGAIN
            return
        ended = time.perf_counter()
        self._due = ended + SHARE * (ended - started)

    def keep(self, epoch: int, weights: State) -> None:
        """Keep the weights of an epoch until the training has ended."""
        if self._place:
            self._kept.append(self._place / f"epoch-{epoch:03d}.safetensors")
            save_weights(weights, self._kept[-1])

    def forget_epochs(self, after: int) -> None:
        """Remove those kept after this one: a training that goes on from it may end earlier."""
        for path in self._folder.glob("epoch-*") if self._folder else []:
            if int(path.stem.removeprefix("epoch-")) > after:
                path.unlink()

    def ended(self, result: Path) -> None:
        """Stay until DVC has recorded `result`, a file that no other training makes alike."""
        if self._folder and self._folder.is_dir():
            leftovers.ended(self._folder, result)

    def remove(self) -> None:
        """Forget everything."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _state(self) -> Path | None:
        return self._folder / "state.pt" if self._folder else None


NOWHERE = Checkpoint(None)


@contextmanager
def checkpoint(name: str, determined_by: dict[str, Any]) -> Iterator[Checkpoint]:
    """The checkpoint of a training that these values determine, for one process at a time.

    Another process meanwhile gets one of its own: the two will make the same. Where nothing can be
    written, no state is kept, and epochs are in models/NAME, where they come to lie anyway.
    """
    everyones = leftovers.place()
    folder = everyones / f"{name}-{digest(determined_by)[:32]}"
    lock = FileLock(folder.with_suffix(".lock"))
    try:
        everyones.mkdir(parents=True, exist_ok=True)
        leftovers.sweep()
        lock.acquire(timeout=0)
        leftovers.goes_on(folder)
    except Timeout:
        warn(f"{name} is being trained by another process too; this one begins anew beside it")
        own = Checkpoint(folder.with_suffix(f".{os.getpid()}"))
        try:
            yield own
        finally:
            own.remove()
        return
    except OSError as error:
        lock.release()
        _warn(everyones, error)
        yield Checkpoint(None, epochs=Path("models", name))
        return
    try:
        yield Checkpoint(folder)
    finally:
        folder.with_suffix(".lock").unlink(missing_ok=True)
        lock.release()


def digest(values: dict[str, Any]) -> str:
    """SHA-256 of plain values and of this package's sources."""
    found = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    root = Path(assay.__file__).parent
    for source in sorted(root.rglob("*.py")):
        found.update(f"\n{source.relative_to(root).as_posix()}\n".encode())
        found.update(source.read_bytes())
    return found.hexdigest()


def _warn(folder: Path, error: Exception) -> None:
    why = on_one_line(getattr(error, "strerror", None) or error)[:100]
    warn(
        f"{folder}: no checkpoint can be written ({why}); free some space there, or make "
        "it a writable folder; training goes on without"
    )
