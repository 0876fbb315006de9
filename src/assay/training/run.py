"""One run: a plan and a seed, from packed data to a trained network, its curve and its cost."""

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from assay.data.packed import Packed
from assay.device import choose_device, layout, machine, prepared
from assay.evaluation.cost import count_parameters, forget_peak, multiply_adds, peak_memory
from assay.models import State, build
from assay.models.start import start
from assay.params.variants import Plan
from assay.refusals import refusals
from assay.training.compiled import compiled, compiled_function
from assay.training.depth import Scale, scales_by_depth
from assay.training.distributed import ALONE, Team
from assay.training.epoch import Epoch
from assay.training.finite import NotFinite
from assay.training.learner import Learner
from assay.training.loop import Training
from assay.training.resume import NOWHERE, Checkpoint
from assay.training.seeds import number, reseed, stream
from assay.training.splits import Splits

WATCHED = 32  # images whose scales are measured: several for the norms, few for the memory


class Trained(NamedTuple):
    """The network with its last weights, `best` on validation, `depths` before the first step."""

    network: nn.Module
    best: State
    best_epoch: int
    depths: list[Scale]
    epochs: list[Epoch]
    cost: dict[str, Any]


class Assembled(NamedTuple):
    """Data, network and training of a plan, before the first step, and the precision."""

    precision: torch.dtype
    data: Splits
    network: nn.Module
    training: Training


def train(
    plan: Plan,
    seed: int,
    packed: Packed,
    val: Packed,
    *,
    team: Team = ALONE,
    kept: Checkpoint = NOWHERE,
    interrupted: Callable[[], bool] = lambda: False,
    on_ready: Callable[[float], None] = lambda seconds: None,
    on_resume: Callable[[list[Epoch], int], None] = lambda epochs, images: None,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
    on_step: Callable[[int], None] = lambda images: None,
) -> Trained:
    """Train one variant with one seed; on a CPU equal arguments and threads give equal weights.

    `on_ready` hears how long it took until the first step could be taken, with what compiles.
    What a killed training had `kept` is taken up: `on_resume` hears of its epochs, and how many
    images of the next one are done. When it is `interrupted`, the state is kept after the
    running step, and KeyboardInterrupt raised. Who has saved the result says so to `kept`.
    """
    device = choose_device(plan.train.device)
    mend = (
        f"lower train.batch_size ({plan.train.batch_size}; train.accumulate makes up for it) or "
        "preprocess.size, or set train.precision to bf16"
    )
    with refusals(device, mend):
        precision, data, network, training = assembled(plan, seed, packed, val, team=team)
        depths = _depths(network, data, batch_size=plan.train.batch_size, seed=seed)
        with compiled(network, plan.train.compile):
            warm_up_seconds = training.warm_up()
            on_ready(warm_up_seconds)
            state = team.told(kept.read)
            if state:
                training.load(state)
                on_resume(list(training.epochs), training.images_of_epoch)
            kept.forget_epochs(after=len(training.epochs))
            after_step = functools.partial(_after_step, training, kept, interrupted, on_step)
            _run(training, plan.train.keep_every, kept, after_step, on_epoch)
        cost = _cost(network, training.epochs, data) | {
            "warm_up_seconds": warm_up_seconds,
            "machine": machine(device, precision) | {"processes": team.size},
        }
    return Trained(
        training.learner.result, training.best, training.best_epoch, depths, training.epochs, cost
    )


def assembled(
    plan: Plan, seed: int, packed: Packed, val: Packed, *, team: Team = ALONE
) -> Assembled:
    """All that a training needs, on the plan's device."""
    device, precision = prepared(plan.train)
    data = Splits(packed, val, device, plan)
    network = build(plan.model, packed.meta["shape"], data.classes, stream(seed, "weights"))
    start(network, plan.model, plan.weights_hash)
    network.to(device).to(memory_format=layout(plan.train))
    learner = Learner(network, plan.train, epoch_steps=data.epoch_steps)
    recipe = data.recipe(seed, precision)
    recipe = recipe._replace(augment=compiled_function(recipe.augment, plan.train.compile))
    training = Training(learner, data.train, data.val, recipe, team)
    return Assembled(precision, data, network, training)


def determined_by(plan: Plan, seed: int, packed: Packed, val: Packed) -> dict[str, Any]:
    """All that `train` makes of these depends on, but for the code: what its checkpoint is for."""
    return {
        "plan": plan.model_dump(mode="json"),
        "seed": seed,
        "data": [one.meta["hash"] for one in (packed, val)],
        "classes": packed.meta["classes"],
        "shape": packed.meta["shape"],
        "machine": machine(*prepared(plan.train)),
    }


def _after_step(
    training: Training,
    kept: Checkpoint,
    interrupted: Callable[[], bool],
    on_step: Callable[[int], None],
    images: int,
) -> None:
    on_step(images)
    stop = interrupted()
    kept.write(training.state, now=stop)
    if stop:
        where = f"interrupted in epoch {len(training.epochs) + 1}"
        raise KeyboardInterrupt(f"{where}; {kept.way_on}")


def _run(
    training: Training,
    keep_every: int | None,
    kept: Checkpoint,
    after_step: Callable[[int], None],
    on_epoch: Callable[[Epoch], None],
) -> None:
    try:
        for epoch in training.run(after_step):
            if epoch.epoch % (keep_every or math.inf) == 0:
                kept.keep(epoch.epoch, training.learner.result_state())
            on_epoch(epoch)
    except NotFinite:  # from there on it would fail again
        kept.remove()
        raise


def _depths(network: nn.Module, data: Splits, *, batch_size: int, seed: int) -> list[Scale]:
    """Scales on images prepared as in training, with random numbers that nothing else uses.

    Half a batch, so that even in fp32 it needs less memory than a step and the peak is training's.
    """
    device = data.train.labels.device
    count = min(WATCHED, max(2, batch_size // 2), len(data.train))
    reseed(device, number(seed, "depth dropout"))
    pixels, labels = next(data.train.shuffled(count, stream(seed, "depth order")))
    changes = torch.Generator(device).manual_seed(number(seed, "depth augment"))
    scales = scales_by_depth(network, *data.augment(pixels, labels, changes))
    forget_peak(device)
    return scales


def _cost(network: nn.Module, epochs: list[Epoch], data: Splits) -> dict[str, Any]:
    seconds = [epoch.train_seconds for epoch in epochs]
    memory, owner = peak_memory(data.train.labels.device)
    return {
        "parameters": count_parameters(network),
        "multiply_adds": multiply_adds(network, data.shape),
        "images_per_second": data.epoch_images * len(epochs) / sum(seconds),
        "epoch_seconds": seconds,
        "validation_seconds": [epoch.val_seconds for epoch in epochs],
        "peak_memory_bytes": memory,
        "peak_memory_of": owner,
    }
