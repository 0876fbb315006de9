"""A loss that is no finite number ends a training, and says where it came up."""

import math

from assay.fault import Fault
from assay.training.running import PerBatch


class NotFinite(Fault):
    """A loss that no going on would mend."""


def must_be_finite(losses: PerBatch, rates: list[float], epoch: int, accumulate: int) -> None:
    """A Fault with the step of the first loss of an epoch that is not; steps count from 1."""
    bad = (~losses.isfinite()).nonzero()
    if len(bad):
        batch = int(bad[0])
        where = f"at epoch {epoch}, step {batch // accumulate + 1}"
        raise _not_finite(losses[batch].item(), where, rates[batch])


def must_be_finite_after(loss: float, images: str, rate: float, epoch: int) -> None:
    """A Fault where such images have no finite loss after an epoch: its last step shows there."""
    if not math.isfinite(loss):
        raise _not_finite(loss, f"on {images} after epoch {epoch}", rate)


def _not_finite(loss: float, where: str, rate: float) -> NotFinite:
    return NotFinite(
        f"the loss is {loss} {where} (learning rate {rate:.3g}); lower train.lr, choose another "
        "model.norm or model.init, set train.clip_norm, or set train.precision to fp32"
    )
