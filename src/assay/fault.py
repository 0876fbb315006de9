"""A fault in what the user gave, told in one line: what, where, and how to mend it."""

import difflib
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path


class Fault(Exception):
    """Something the user can mend. Its text is the one line that they see."""


def nearest(given: str, allowed: Iterable[str]) -> str:
    """The choices, and the near match among them where there is one."""
    names = sorted(allowed)
    close = difflib.get_close_matches(given.lower(), names, n=1, cutoff=0.5)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"{meant}choose {listed(names, 'or')}"


def listed(names: Iterable[object], joint: str = "and") -> str:
    """`a, b and c`."""
    *head, last = [str(name) for name in names] or ["nothing"]
    return f"{', '.join(head)} {joint} {last}" if head else last


def one_line(main: Callable[[], None]) -> None:
    """Run a stage; a Fault ends it with exit code 1 and a single line on standard error."""
    try:
        main()
    except Fault as fault:
        sys.exit(f"error: {' '.join(str(fault).split())}{_way_back()}")
    except KeyboardInterrupt:
        sys.exit(f"error: interrupted; run the same command to go on{_way_back()}")


def _way_back() -> str:
    """Where DVC ran the stage it has removed the stage's outputs: say how to get them back."""
    if "DVC_STAGE" not in os.environ or not Path("dvc.lock").exists():
        return ""
    return " (the last good results: git restore metrics reports dvc.lock; dvc checkout --force)"
