"""How a stage runs: what the user can mend ends in one line and exit code 1."""

import errno
import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from assay.fault import Fault, on_one_line
from assay.imports import must_be_known
from assay.revision import git
from assay.starter import DVC, starters

EVERY = 1.0  # seconds between two looks at whether DVC is still there
GRACE = 300.0  # seconds for the step that is under way, and for writing down where it was
_MENDS = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EACCES: "make it readable and writable",
    errno.EPERM: "make it readable and writable",
    errno.EROFS: "make it writable",
    errno.ENOENT: "run `dvc repro`, which makes it",
}


def one_line(main: Callable[[], None]) -> None:
    """Run a stage; a Fault or a file system that refuses ends it with a line on standard error.

    A termination (SIGTERM) is an interruption. Run by DVC, a stage is refused where its code has
    changed since `plan` ran.
    """
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        with _ending_with_starter():
            if _stage() != "plan":
                must_be_known(_stage())
            main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Fault as fault:
        sys.exit(f"error: {on_one_line(fault)}{_way_back()}")
    except OSError as error:
        sys.exit(f"error: {on_one_line(_refused(error))}{_way_back()}")
    except KeyboardInterrupt as told:
        what = str(told) or "interrupted; the same command starts the stage again"
        sys.exit(f"error: {what}{_way_back()}")
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _ending_with_starter() -> Iterator[None]:
    """A termination where DVC or torchrun is killed alone, which does not kill what it started."""
    before, over = starters(), threading.Event()

    def watch() -> None:
        while starters() == before:
            if over.wait(EVERY):
                return
        os.kill(os.getpid(), signal.SIGTERM)
        if not over.wait(GRACE):  # it waits for another process, on a GPU for ever
            os._exit(1)

    if before:
        threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _terminated(number: int, frame: types.FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # to a whole group comes a second one, by our own watch
    raise KeyboardInterrupt


def _refused(error: OSError) -> str:
    mend = _MENDS.get(error.errno or 0, "see that it can be read and written")
    return f"{error.filename or 'a file'}: {error.strerror or error}; {mend}"


def _address() -> str:
    """The stage that DVC runs, as `train@vgg16-0`; `plan`, which needs no other, by hand.

    Run from another folder, DVC names the file before it: `studies/example/dvc.yaml:plan`.
    """
    return os.environ.get(DVC, "plan").rpartition(":")[2]


def _stage() -> str:
    """The stage without variant and seed."""
    return _address().partition("@")[0]


def _way_back() -> str:
    """DVC has removed the outputs of the stage that it runs: say how to get back just those."""
    lock = Path("dvc.lock")
    if _stage() == "plan" or not lock.exists():
        return ""
    stages = yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"]
    known = stages.get(_address(), {})
    outputs = {output["path"] for output in known.get("outs", [])}
    gone = git("ls-files", "--deleted", "metrics", "reports").split()
    mine = " ".join(path for path in gone if path in outputs)
    return f" (its last good outputs: dvc checkout --force{f'; git restore {mine}' * bool(mine)})"
