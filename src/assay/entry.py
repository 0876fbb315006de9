"""How a stage runs: what the user can mend ends in one line and exit code 1."""

import errno
import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import yaml

from assay.fault import Fault, on_one_line
from assay.imports import must_be_known

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


def _terminated(number: int, frame: types.FrameType | None) -> None:
    raise KeyboardInterrupt


def _refused(error: OSError) -> str:
    mend = _MENDS.get(error.errno or 0, "see that it can be read and written")
    return f"{error.filename or 'a file'}: {error.strerror or error}; {mend}"


def _stage() -> str:
    """The stage that DVC runs, without variant and seed; `plan`, which needs no other, by hand."""
    return os.environ.get("DVC_STAGE", "plan").partition("@")[0]


def _way_back() -> str:
    """DVC has removed the outputs of the stage that it runs: say how to get back just those."""
    lock = Path("dvc.lock")
    if _stage() == "plan" or not lock.exists():
        return ""
    stages = yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"]
    known = stages.get(os.environ["DVC_STAGE"], {})
    outputs = {output["path"] for output in known.get("outs", [])}
    words = ["git", "ls-files", "--deleted", "metrics", "reports"]
    gone = subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
    mine = " ".join(path for path in gone if path in outputs)
    return f" (its last good outputs: dvc checkout --force{f'; git restore {mine}' * bool(mine)})"
