"""The one training loop: epochs of augmented, shuffled batches, each followed by validation.

It can stop after any step and go on from there, to the bit: `Training.state` is all that determines
the future, but for what the run is made from.
"""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from assay.data.batches import Batches
from assay.data.prepare import Prepare, Targets
from assay.evaluation.predict import losses_and_hits
from assay.fault import Fault
from assay.models.start import train_mode
from assay.params.train import Train
from assay.training.learner import Learner, State
from assay.training.seeds import number, stream

Criterion = Callable[[Float[Tensor, "n k"], Targets], Float[Tensor, ""]]


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


class Recipe(NamedTuple):
    """How to train: `augment` gives inputs and targets, `plain` normalises alone."""

    train: Train
    seed: int
    precision: torch.dtype
    augment: Prepare
    plain: Callable[[UInt8[Tensor, "n c h w"]], Float[Tensor, "n c h w"]]
    criterion: Criterion


class _Running:
    """The epoch that is under way: what its batches gave, and the random numbers to come."""

    def __init__(self, seed: int, epoch: int, device: torch.device) -> None:
        self.losses: list[Tensor] = []
        self.hits: list[Tensor] = []
        self.rates: list[float] = []
        self.seconds = 0.0
        self.augment = stream(seed, "augment", epoch, device.type)
        torch.manual_seed(number(seed, "dropout", epoch))

    def state(self) -> dict[str, Any]:
        return {
            "losses": _gathered(self.losses),
            "hits": _gathered(self.hits),
            "rates": list(self.rates),
            "seconds": self.seconds,
            "augment": self.augment.get_state(),
            "dropout": torch.get_rng_state(),
            "dropout on CUDA": torch.cuda.get_rng_state_all() if _uses_cuda() else [],
        }

    def load(self, state: dict[str, Any]) -> None:
        device = self.augment.device
        self.losses, self.hits = (list(state[name].to(device)) for name in ("losses", "hits"))
        self.rates, self.seconds = list(state["rates"]), state["seconds"]
        self.augment.set_state(state["augment"])
        torch.set_rng_state(state["dropout"])
        if state["dropout on CUDA"]:
            torch.cuda.set_rng_state_all(state["dropout on CUDA"])


class Training:
    """Epochs of a learner; `best` are the weights of the best epoch so far, and `best_epoch` it."""

    def __init__(self, learner: Learner, train: Batches, val: Batches, recipe: Recipe) -> None:
        self.epochs: list[Epoch] = []
        self.best: State = {}
        self.best_epoch = 0
        self._learner, self._train, self._val, self._recipe = learner, train, val, recipe
        self._running: _Running | None = None

    def run(self, after_step: Callable[[int], None] = lambda images: None) -> Iterator[Epoch]:
        """Train to the end, one epoch at a time; `after_step` hears how many images a step took.

        Nothing waits for the device inside an epoch: losses are gathered at its end, so a loss that
        is not finite raises its Fault there, with the batch it came from.
        """
        train = self._recipe.train
        while len(self.epochs) < train.epochs and not self._is_over():
            epoch = self._one(len(self.epochs) + 1, after_step)
            self.epochs.append(epoch)
            if epoch is best_of(self.epochs):
                self.best, self.best_epoch = self._learner.result_state(), epoch.epoch
            yield epoch

    @property
    def images_of_epoch(self) -> int:
        """Images of the epoch that is under way which are done."""
        done = len(self._running.losses) if self._running else 0
        return done * self._recipe.train.batch_size

    def state(self) -> dict[str, Any]:
        """All that determines the rest of the training, after a step."""
        return {
            "learner": self._learner.state(),
            "epochs": [list(epoch) for epoch in self.epochs],
            "best": self.best,
            "best_epoch": self.best_epoch,
            "running": self._running.state() if self._running else None,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from `state`."""
        self._learner.load(state["learner"])
        self.epochs = [Epoch(*values) for values in state["epochs"]]
        device = self._train.labels.device
        self.best = {name: value.to(device) for name, value in state["best"].items()}
        self.best_epoch = state["best_epoch"]
        if state["running"]:
            self._running = _Running(self._recipe.seed, len(self.epochs) + 1, device)
            self._running.load(state["running"])

    def _is_over(self) -> bool:
        patience = self._recipe.train.patience
        return patience is not None and len(self.epochs) - self.best_epoch >= patience

    def _one(self, epoch: int, after_step: Callable[[int], None]) -> Epoch:
        device = self._train.labels.device
        self._running = self._running or _Running(self._recipe.seed, epoch, device)
        now = self._running
        self._steps(now, epoch, after_step)
        started = time.perf_counter()
        losses, hits = _gathered(now.losses), _gathered(now.hits)
        seconds = now.seconds + time.perf_counter() - started
        _must_be_finite(losses, now.rates, epoch, self._recipe.train.accumulate)
        started = time.perf_counter()
        judged = validate(self._learner, self._val, self._recipe)
        if judged and not math.isfinite(judged[0]):
            raise _not_finite(judged[0], f"on validation after epoch {epoch}", now.rates[-1])
        self._running = None
        return Epoch(
            epoch=epoch,
            lr=now.rates[-1],
            train_loss=float(losses.mean()),
            train_accuracy=float(hits.mean()),
            val_loss=judged[0] if judged else None,
            val_accuracy=judged[1] if judged else None,
            train_seconds=seconds,
            val_seconds=time.perf_counter() - started,
        )

    def _steps(self, now: _Running, epoch: int, after_step: Callable[[int], None]) -> None:
        """What is left of one pass over the training images."""
        train, order = self._recipe.train, stream(self._recipe.seed, "order", epoch)
        train_mode(self._learner.network)
        last = len(self._train) // train.batch_size // train.accumulate * train.accumulate
        batches = self._train.shuffled(train.batch_size, order, skip=len(now.losses))
        started = time.perf_counter()
        while len(now.losses) < last:
            self._batch(*next(batches), now)
            if len(now.losses) % train.accumulate == 0:
                self._learner.step()
                now.seconds += time.perf_counter() - started
                after_step(train.accumulate * train.batch_size)
                started = time.perf_counter()
        batches.close()

    def _batch(self, images: Tensor, labels: Tensor, now: _Running) -> None:
        """Forward and backward; the gradients are added to those of the step's other batches."""
        recipe, device = self._recipe, labels.device.type
        # in fp32: bf16 grids would misplace pixels
        inputs, targets = recipe.augment(images, labels, now.augment)
        with torch.autocast(device, recipe.precision, recipe.precision != torch.float32):
            logits = self._learner.network(inputs)
        logits = logits.float()
        loss = recipe.criterion(logits, targets)
        (loss / recipe.train.accumulate if recipe.train.accumulate > 1 else loss).backward()
        now.rates.append(self._learner.rate)
        now.losses.append(loss.detach())
        now.hits.append(_found(logits.detach(), targets))


def best_of(epochs: list[Epoch]) -> Epoch:
    """The highest validation accuracy, then the lowest loss, then the earliest; else the last."""
    if epochs[-1].val_accuracy is None:
        return epochs[-1]
    return min(epochs, key=lambda one: (-(one.val_accuracy or 0), one.val_loss, one.epoch))


def validate(learner: Learner, val: Batches, recipe: Recipe) -> tuple[float, float] | None:
    """Mean loss and accuracy in evaluation mode, or None where there are no images."""
    if not len(val):
        return None
    losses, hits = losses_and_hits(
        learner.result,
        val,
        batch_size=2 * recipe.train.batch_size,  # fits wherever a training step does
        precision=recipe.precision,
        plain=recipe.plain,
    )
    return float(losses.cpu().double().mean()), float(hits.cpu().double().mean())


def _found(logits: Float[Tensor, "n k"], targets: Targets) -> Float[Tensor, ""]:
    """Mean share of the target that the answer has: with labels, the share of hits."""
    answers = logits.argmax(1)
    if targets.ndim == 1:
        return (answers == targets).float().mean()
    return targets.gather(1, answers[:, None]).mean()


def _gathered(values: list[Tensor]) -> Float[Tensor, " batches"]:
    return torch.stack(values).cpu()


def _uses_cuda() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_initialized()


def _must_be_finite(
    losses: Float[Tensor, " batches"], rates: list[float], epoch: int, accumulate: int
) -> None:
    bad = (~losses.isfinite()).nonzero()
    if len(bad):
        batch = int(bad[0])
        where = f"at epoch {epoch}, step {batch // accumulate + 1}"
        raise _not_finite(losses[batch].item(), where, rates[batch])


def _not_finite(loss: float, where: str, rate: float) -> Fault:
    return Fault(
        f"the loss is {loss} {where} (learning rate {rate:.3g}); lower train.lr, choose another "
        "model.norm or model.init, set train.clip_norm, or set train.precision to fp32"
    )
