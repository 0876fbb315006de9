"""The one training loop: epochs of augmented, shuffled batches, each followed by validation.

It can stop after any step and go on from there, to the bit: `Training.state` is all that determines
the future, but for what the run is made from. Each batch has random numbers of its own.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from assay.data.batches import Batches
from assay.data.prepare import Targets
from assay.device import wait
from assay.evaluation.predict import losses_and_hits
from assay.models import State
from assay.models.start import train_mode
from assay.training.compiled import uncompiled
from assay.training.distributed import ALONE, Team
from assay.training.epoch import Epoch, best_of
from assay.training.finite import must_be_finite, must_be_finite_after
from assay.training.learner import Learner
from assay.training.recipe import Recipe
from assay.training.running import Running
from assay.training.seeds import number, reseed, stream


class Training:
    """Epochs of a learner; `best` are the weights of the best epoch so far, and `best_epoch` it.

    Of several processes, which are a `team`, each has its part of every batch.
    """

    def __init__(
        self, learner: Learner, train: Batches, val: Batches, recipe: Recipe, team: Team = ALONE
    ) -> None:
        self.learner = learner
        self.epochs: list[Epoch] = []
        self.best: State = {}
        self.best_epoch = 0
        self._train, self._val, self._recipe, self._team = train, val, recipe, team
        self._network = team.joined(learner.network)
        self._random = torch.Generator(self._device)
        self._running = Running()

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
                self.best, self.best_epoch = self.learner.result_state(), epoch.epoch
            yield epoch

    def warm_up(self) -> float:
        """Seconds of a forward and backward pass that leaves no trace: what compiles does so here.

        Processes agree on the order in which they exchange gradients after their first pass: so the
        first step of a training that goes on is one like all others.
        """
        buffers = {name: value.clone() for name, value in self.learner.network.named_buffers()}
        train_mode(self.learner.network)
        started, running = time.perf_counter(), Running()
        self._batch(*next(self._train.ordered(self._recipe.train.batch_size)), running, 0)
        running.gathered()
        seconds = time.perf_counter() - started
        self.learner.forget_gradients()
        for name, value in self.learner.network.named_buffers():
            value.copy_(buffers[name])
        return seconds

    @property
    def images_of_epoch(self) -> int:
        """Images of the epoch that is under way which are done."""
        return len(self._running) * self._recipe.train.batch_size

    def state(self) -> dict[str, Any]:
        """All that determines the rest of the training, after a step.

        What the device has still to do of it counts as time of training, not of keeping this.
        """
        started = time.perf_counter()
        wait(self._device)
        self._running.seconds += time.perf_counter() - started
        return {
            "learner": self.learner.state(),
            "epochs": [list(epoch) for epoch in self.epochs],
            "best": self.best,
            "best_epoch": self.best_epoch,
            "running": self._running.state() if len(self._running) else None,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from `state`."""
        self.learner.load(state["learner"])
        self.epochs = [Epoch(*values) for values in state["epochs"]]
        self.best = {name: value.to(self._device) for name, value in state["best"].items()}
        self.best_epoch = state["best_epoch"]
        if state["running"]:
            self._running.load(state["running"], self._device)

    @property
    def _device(self) -> torch.device:
        return self._train.labels.device

    def _is_over(self) -> bool:
        patience = self._recipe.train.patience
        return patience is not None and len(self.epochs) - self.best_epoch >= patience

    def _one(self, epoch: int, after_step: Callable[[int], None]) -> Epoch:
        now = self._running
        self._steps(now, epoch, after_step)
        started = time.perf_counter()
        losses, hits = now.gathered()
        seconds = now.seconds + time.perf_counter() - started
        must_be_finite(losses, now.rates, epoch, self._recipe.train.accumulate)
        started = time.perf_counter()
        judged = self._team.told(self.validate)
        if judged:
            must_be_finite_after(judged[0], "validation", now.rates[-1], epoch)
        else:
            loss, _ = self._team.told(lambda: self._judged(self._train, most=1))
            must_be_finite_after(loss, "training images", now.rates[-1], epoch)
        self._running = Running()
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

    def _steps(self, now: Running, epoch: int, after_step: Callable[[int], None]) -> None:
        """What is left of one pass over the training images."""
        train, order = self._recipe.train, stream(self._recipe.seed, "order", epoch)
        train_mode(self.learner.network)
        last = train.epoch_steps(len(self._train)) * train.accumulate
        batches = self._train.shuffled(train.batch_size, order, skip=len(now))
        started = time.perf_counter()
        while len(now) < last:
            step_ends = (len(now) + 1) % train.accumulate == 0
            adding_up = contextlib.nullcontext() if step_ends else self._team.apart(self._network)
            with adding_up:
                self._batch(*next(batches), now, epoch)
            if step_ends:
                self.learner.step()
                now.seconds += time.perf_counter() - started
                after_step(train.step_images)
                started = time.perf_counter()
        batches.close()

    def _batch(self, images: Tensor, labels: Tensor, now: Running, epoch: int) -> None:
        """Forward and backward; the gradients are added to those of the step's other batches."""
        recipe, team = self._recipe, self._team
        place = epoch, len(now), team.rank
        reseed(self._device, number(recipe.seed, "dropout", *place))
        self._random.manual_seed(number(recipe.seed, "augment", *place))
        if recipe.train.compile == "reduce-overhead":
            torch.compiler.cudagraph_mark_step_begin()
        # in fp32: bf16 grids would misplace pixels
        inputs, targets = recipe.augment(team.part(images), team.part(labels), self._random)
        half = recipe.precision != torch.float32
        with torch.autocast(self._device.type, recipe.precision, half):
            logits = self._network(inputs)
        logits = logits.float()
        loss = recipe.criterion(logits, targets)
        (loss / recipe.train.accumulate if recipe.train.accumulate > 1 else loss).backward()
        found = torch.stack([loss.detach(), _found(logits.detach(), targets)])
        now.add(team.mean(found), self.learner.rate)

    def validate(self) -> tuple[float, float] | None:
        """Mean loss and accuracy in evaluation mode, uncompiled; None where there are no images."""
        return self._judged(self._val) if len(self._val) else None

    def _judged(self, images: Batches, most: int | None = None) -> tuple[float, float]:
        with uncompiled(self._recipe.train.compile):
            losses, hits = losses_and_hits(
                self.learner.result,
                images,
                batch_size=max(1, self._recipe.train.batch_size // self._team.size),  # as a step's
                most=most,
                precision=self._recipe.precision,
                plain=self._recipe.plain,
            )
        return float(losses.cpu().double().mean()), float(hits.cpu().double().mean())


def _found(logits: Float[Tensor, "n k"], targets: Targets) -> Float[Tensor, ""]:
    """Mean share of the target that the answer has: with labels, the share of hits."""
    answers = logits.argmax(1)
    if targets.ndim == 1:
        return (answers == targets).float().mean()
    return targets.gather(1, answers[:, None]).mean()
