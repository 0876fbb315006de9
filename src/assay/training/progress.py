"""Progress: a bar on a terminal, one plain line an epoch in a log."""

import sys
from types import TracebackType

from tqdm import tqdm

from assay.training.epoch import Epoch


class Progress:
    """Tells how far a run is: epoch, losses, accuracies, images a second, time left."""

    def __init__(self, name: str, epochs: int, images: int) -> None:
        """`images` are those of an epoch."""
        self._name, self._epochs, self._images = name, epochs, images
        self._spent, self._trained = 0.0, 0
        self._bar = tqdm(
            total=epochs * images,
            unit="img",
            desc=name,
            disable=not sys.stderr.isatty(),
            leave=False,
        )

    def starts(self, compiles: str) -> None:
        """It is about to compile in a mode, unless that is none."""
        if compiles != "none":
            self._say(f"compiles ({compiles}) before the first step")

    def ready(self, seconds: float) -> None:
        """The first step comes next, so long after the start."""
        if seconds >= 1:
            self._say(f"ready after {seconds:.0f} s")

    def step(self, images: int) -> None:
        """So many images more were trained on."""
        self._trained += images
        self._bar.update(images)

    def resumed(self, epochs: list[Epoch], images: int) -> None:
        """It goes on after these epochs, and so many images of the next one."""
        self._spent = sum(epoch.train_seconds + epoch.val_seconds for epoch in epochs)
        self._trained = images
        self._bar.update(len(epochs) * self._images + images)
        self._say(f"goes on in epoch {len(epochs) + 1}/{self._epochs}, after {images} images")

    def epoch(self, done: Epoch) -> None:
        """Say what an epoch gave."""
        self._spent += done.train_seconds + done.val_seconds
        left = self._spent / done.epoch * (self._epochs - done.epoch)
        val = (
            ""
            if done.val_loss is None
            else (f"  val loss {done.val_loss:.4f} accuracy {done.val_accuracy:.4f}")
        )
        self._say(
            f"epoch {done.epoch}/{self._epochs}"
            f"  train loss {done.train_loss:.4f} accuracy {done.train_accuracy:.4f}{val}"
            f"  {self._trained / done.train_seconds:.0f} images/s  {_clock(left)} left"
        )
        self._trained = 0

    def _say(self, words: str) -> None:
        self._bar.write(f"{self._name}  {words}", file=sys.stderr)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
