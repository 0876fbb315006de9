"""One run: a plan and a seed, from packed data to a trained network, its curve and its cost."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from assay.data.batches import Batches
from assay.data.normalise import Normaliser
from assay.data.packed import Packed
from assay.data.prepare import Prepare, preparation
from assay.device import machine, prepared
from assay.evaluation.cost import count_parameters, forget_peak, multiply_adds, peak_memory
from assay.fault import Fault
from assay.models import build
from assay.models.start import start
from assay.params.variants import Plan
from assay.training.depth import Scale, scales_by_depth
from assay.training.loop import Epoch, Recipe, fit
from assay.training.optimiser import make_optimiser
from assay.training.schedule import make_schedule
from assay.training.seeds import number, stream

State = dict[str, Tensor]
WATCHED = 32  # images whose scales are measured: several for the norms, few for the memory


class Trained(NamedTuple):
    """The network with its last weights, `best` on validation, `depths` before the first step."""

    network: nn.Module
    best: State
    best_epoch: int
    depths: list[Scale]
    epochs: list[Epoch]
    cost: dict[str, Any]


def train(
    plan: Plan,
    seed: int,
    packed: Packed,
    packed_val: Packed,
    *,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
    on_batch: Callable[[int], None] = lambda images: None,
) -> Trained:
    """Train one variant with one seed; on a CPU equal arguments and threads give equal weights."""
    to = plan.train
    device, precision = prepared(to)
    images = Batches(packed, device, memory=to.resident_gb)
    if to.batch_size > len(images):
        raise Fault(
            f"params.yaml: train.batch_size: {to.batch_size} is larger than the training split "
            f"({len(images)} images); choose at most {len(images)}"
        )
    classes = len(packed.meta["classes"])
    network = build(plan.model, packed.meta["shape"], classes, stream(seed, "weights"))
    start(network, plan.model, plan.weights_hash)
    network.to(device).to(memory_format=torch.channels_last)
    optimiser = make_optimiser(network, to)
    steps = to.epochs * (len(images) // to.batch_size)
    schedule = make_schedule(to.schedule, optimiser, steps=steps)
    plain = Normaliser(plan.normalise, packed.meta, device)
    augment = preparation(plan.augment, plain, classes)
    depths = _depths(network, images, augment, batch_size=to.batch_size, seed=seed)
    recipe = Recipe(to.epochs, to.batch_size, seed, precision, augment, plain)
    epochs: list[Epoch] = []
    best: State = {}
    best_epoch = 0
    for epoch in fit(
        network,
        images,
        Batches(packed_val, device, memory=to.resident_gb, limit=to.val_images),
        optimiser=optimiser,
        schedule=schedule,
        recipe=recipe,
        on_batch=on_batch,
    ):
        epochs.append(epoch)
        if epoch is best_of(epochs):
            best, best_epoch = _state(network), epoch.epoch
        on_epoch(epoch)
    cost = _cost(network, epochs, steps * to.batch_size, packed, device, precision)
    return Trained(network, best, best_epoch, depths, epochs, cost)


def best_of(epochs: list[Epoch]) -> Epoch:
    """The highest validation accuracy, then the lowest loss, then the earliest; else the last."""
    if epochs[-1].val_accuracy is None:
        return epochs[-1]
    return min(epochs, key=lambda one: (-(one.val_accuracy or 0), one.val_loss, one.epoch))


def _depths(
    network: nn.Module, images: Batches, augment: Prepare, *, batch_size: int, seed: int
) -> list[Scale]:
    """Scales on images prepared as in training, with random numbers that nothing else uses.

    Half a batch, so that even in fp32 it needs less memory than a step and the peak is training's.
    """
    device = images.labels.device
    count = min(WATCHED, max(2, batch_size // 2), len(images))
    torch.manual_seed(number(seed, "depth dropout"))
    pixels, labels = next(images.shuffled(count, stream(seed, "depth order")))
    changes = stream(seed, "depth augment", device=device.type)
    scales = scales_by_depth(network, *augment(pixels, labels, changes))
    forget_peak(device)
    return scales


def _state(network: nn.Module) -> State:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _cost(
    network: nn.Module,
    epochs: list[Epoch],
    images: int,
    packed: Packed,
    device: torch.device,
    precision: torch.dtype,
) -> dict[str, Any]:
    seconds = [epoch.train_seconds for epoch in epochs]
    memory, owner = peak_memory(device)
    return {
        "parameters": count_parameters(network),
        "multiply_adds": multiply_adds(network, tuple(packed.meta["shape"])),
        "images_per_second": images / sum(seconds),
        "epoch_seconds": seconds,
        "validation_seconds": [epoch.val_seconds for epoch in epochs],
        "peak_memory_bytes": memory,
        "peak_memory_of": owner,
        "machine": machine(device, precision),
    }
