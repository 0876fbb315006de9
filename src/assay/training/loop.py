"""The one training loop: epochs of augmented, shuffled batches, each followed by validation."""

import math
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from assay.data.batches import Batches
from assay.data.prepare import Prepare, Targets
from assay.evaluation.predict import losses_and_hits
from assay.fault import Fault
from assay.models.start import train_mode
from assay.training.seeds import number, stream


class Epoch(NamedTuple):
    """What one epoch gave; train values are means over its steps, in training mode.

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


class Recipe(NamedTuple):
    """How to train: `augment` gives inputs and targets, `plain` normalises alone."""

    epochs: int
    batch_size: int
    seed: int
    precision: torch.dtype
    augment: Prepare
    plain: Callable[[UInt8[Tensor, "n c h w"]], Float[Tensor, "n c h w"]]


def fit(
    network: nn.Module,
    train: Batches,
    val: Batches,
    *,
    optimiser: Optimizer,
    schedule: LRScheduler,
    recipe: Recipe,
    on_batch: Callable[[int], None] = lambda images: None,
) -> Iterator[Epoch]:
    """Train in place, one epoch at a time; `on_batch` hears how many images a step took.

    Nothing waits for the device inside an epoch: losses are gathered at its end, so a loss that is
    not finite raises its Fault there, with the step it came from.
    """
    for epoch in range(1, recipe.epochs + 1):
        started = time.perf_counter()
        losses, hits, rates = _train_epoch(
            network, train, optimiser, schedule, recipe, epoch, on_batch
        )
        loss, accuracy = float(losses.mean()), float(hits.mean())
        _must_be_finite(losses, rates, epoch)
        trained = time.perf_counter()
        judged = validate(network, val, recipe)
        if judged and not math.isfinite(judged[0]):
            raise _not_finite(judged[0], f"on validation after epoch {epoch}", rates[-1])
        yield Epoch(
            epoch=epoch,
            lr=rates[-1],
            train_loss=loss,
            train_accuracy=accuracy,
            val_loss=judged[0] if judged else None,
            val_accuracy=judged[1] if judged else None,
            train_seconds=trained - started,
            val_seconds=time.perf_counter() - trained,
        )


def _train_epoch(
    network: nn.Module,
    train: Batches,
    optimiser: Optimizer,
    schedule: LRScheduler,
    recipe: Recipe,
    epoch: int,
    on_batch: Callable[[int], None],
) -> tuple[Float[Tensor, " steps"], Float[Tensor, " steps"], list[float]]:
    """One pass over the training images: loss, share of hits and learning rate of each step."""
    train_mode(network)
    device = train.labels.device
    torch.manual_seed(number(recipe.seed, "dropout", epoch))
    order = stream(recipe.seed, "order", epoch)
    changes = stream(recipe.seed, "augment", epoch, device.type)
    losses, hits, rates = [], [], []
    for images, labels in train.shuffled(recipe.batch_size, order):
        rates.append(float(optimiser.param_groups[0]["lr"]))
        # in fp32: bf16 grids would misplace pixels
        inputs, targets = recipe.augment(images, labels, changes)
        with torch.autocast(device.type, recipe.precision, recipe.precision != torch.float32):
            logits = network(inputs)
        logits = logits.float()
        loss = F.cross_entropy(logits, targets)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        schedule.step()
        losses.append(loss.detach())
        hits.append(_found(logits.detach(), targets))
        on_batch(len(labels))
    return torch.stack(losses).cpu(), torch.stack(hits).cpu(), rates


def _found(logits: Float[Tensor, "n k"], targets: Targets) -> Float[Tensor, ""]:
    """Mean share of the target that the answer has: with labels, the share of hits."""
    answers = logits.argmax(1)
    if targets.ndim == 1:
        return (answers == targets).float().mean()
    return targets.gather(1, answers[:, None]).mean()


def validate(network: nn.Module, val: Batches, recipe: Recipe) -> tuple[float, float] | None:
    """Mean loss and accuracy in evaluation mode, or None where there are no images."""
    if not len(val):
        return None
    losses, hits = losses_and_hits(
        network,
        val,
        batch_size=2 * recipe.batch_size,  # fits wherever a training step does
        precision=recipe.precision,
        plain=recipe.plain,
    )
    return float(losses.cpu().double().mean()), float(hits.cpu().double().mean())


def _must_be_finite(losses: Float[Tensor, " steps"], rates: list[float], epoch: int) -> None:
    bad = (~losses.isfinite()).nonzero()
    if len(bad):
        step = int(bad[0])
        raise _not_finite(losses[step].item(), f"at epoch {epoch}, step {step + 1}", rates[step])


def _not_finite(loss: float, where: str, rate: float) -> Fault:
    return Fault(
        f"the loss is {loss} {where} (learning rate {rate:.3g}); lower train.lr, choose another "
        "model.norm or model.init, or set train.precision to fp32"
    )
