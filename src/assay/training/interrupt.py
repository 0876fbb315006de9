"""Ctrl-C and SIGTERM, obeyed between two steps."""

import signal
import types
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """While it is entered, `wanted` tells whether one came; a second Ctrl-C interrupts at once.

    One of several processes is told twice, by the terminal and by torchrun: the first one counts.
    So does that of two terminations: one may be of the whole group, and one of our own watch.
    """

    wanted = False

    def __init__(self, *, alone: bool) -> None:
        self._alone = alone

    def __enter__(self) -> Self:
        self._before: dict[signal.Signals, Any] = {
            number: signal.signal(number, self._heard) for number in SIGNALS
        }
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, frame: types.FrameType | None) -> None:
        if self.wanted and self._alone and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.wanted = True
