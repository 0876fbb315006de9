"""How long logging may hold a run up: a while, and then a share of the time that the run takes."""

import math
import time
from types import TracebackType

AT_FIRST = 60.0  # seconds: a new database takes some, and others may be at it
SHARE = 20  # of the time, at most one part in so many goes into logging


class Patience:
    """Adds up the time that is spent inside of it, and ends where that is too much."""

    def __init__(self) -> None:
        self._began, self._spent, self._entered = time.monotonic(), 0.0, math.nan

    def __enter__(self) -> None:
        """TimeoutError where too much is spent already."""
        now = time.monotonic()
        if self._spent > AT_FIRST + (now - self._began) / SHARE:
            raise TimeoutError(
                f"it is slow: logging took {self._spent:.0f} of {now - self._began:.0f} s"
            )
        self._entered = now

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._spent += time.monotonic() - self._entered
