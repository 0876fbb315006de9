"""What an epoch of training gave, and which one is best."""

from typing import NamedTuple


class Epoch(NamedTuple):
    """What one epoch gave; train values are means over its batches, in training mode.

    Of a mixed image the training accuracy counts the share of its target that the answer has.
    """

    epoch: int
    lr: float
    train_loss: float
    train_accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    train_seconds: float
    val_seconds: float


def best_of(epochs: list[Epoch]) -> Epoch:
    """The highest validation accuracy, then the lowest loss, then the earliest; else the last."""
    if epochs[-1].val_accuracy is None:
        return epochs[-1]
    return min(epochs, key=lambda one: (-(one.val_accuracy or 0), one.val_loss, one.epoch))
