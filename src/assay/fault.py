"""A fault in what the user gave, told in one line: what, where, and how to mend it."""

import difflib
import sys
from collections.abc import Iterable, Sequence


class Fault(Exception):
    """Something the user can mend. Its text is the one line that they see."""


def on_one_line(told: object) -> str:
    """Words as one line that a terminal shows: what it would obey instead is escaped."""
    line = " ".join(str(told).split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def warn(told: object) -> None:
    """A line on standard error, after which all goes on."""
    print(f"warning: {on_one_line(told)}", file=sys.stderr)


MANY, FEW = 40, 5  # names: more than many are told by the nearest few


def nearest(given: str, allowed: Iterable[str]) -> str:
    """The choices, and the near match among them where there is one."""
    names = sorted(allowed)
    close = difflib.get_close_matches(given.lower(), names, n=1, cutoff=0.5)
    meant = f"did you mean {close[0]}? " if close else ""
    if len(names) > MANY:
        near = difflib.get_close_matches(given.lower(), names, n=FEW, cutoff=0.3) or names[:FEW]
        return f"{meant}choose {', '.join(near)} or another of {len(names)}"
    return f"{meant}choose {listed(names, 'or')}"


def must_be_one_of(name: object, allowed: Iterable[str], what: str) -> None:
    """Refuse a name that is not allowed; `what` says where it stands and what there is none of."""
    names = [*allowed]
    if name not in names:
        raise Fault(f"{what} {name!r}; {nearest(str(name), names)}")


def listed(names: Iterable[object], joint: str = "and") -> str:
    """`a, b and c`."""
    *head, last = [str(name) for name in names] or ["nothing"]
    return f"{', '.join(head)} {joint} {last}" if head else last


def some(names: Sequence[object], most: int = 5) -> str:
    """The names in words, or the first of them and how many more there are."""
    rest = len(names) - most
    return listed([*names[:most], f"{rest} more"] if rest > 0 else names)
