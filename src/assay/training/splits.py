"""The images that a training learns from and is validated on, and what is done to them."""

import torch

from assay.data.batches import Batches
from assay.data.normalise import Normaliser
from assay.data.packed import Packed
from assay.data.prepare import preparation
from assay.device import layout
from assay.fault import Fault
from assay.params.train import Train
from assay.params.variants import Plan
from assay.training.loss import make_criterion
from assay.training.recipe import Recipe


def by_use(train: Train, packed: Packed, val: Packed) -> tuple[list[Packed], Packed]:
    """The splits to learn from, and the one to be validated on, which may be empty."""
    return ([packed, val], val.emptied()) if "val" in train.learns else ([packed], val)


def images_learnt(train: Train, packed: Packed, val: Packed) -> int:
    """How many images an epoch learns from: without those that fill no step."""
    images = sum(len(split.labels) for split in by_use(train, packed, val)[0])
    return train.epoch_steps(images) * train.step_images


class Splits:
    """Training and validation images on a device, as a plan wants them."""

    def __init__(self, packed: Packed, val: Packed, device: torch.device, plan: Plan) -> None:
        to = plan.train
        learnt, val = by_use(to, packed, val)
        self.train = Batches(learnt, device, memory=to.resident_gb)
        self.val = Batches([val], device, memory=to.resident_gb, limit=to.val_images)
        self.epoch_steps = to.epoch_steps(len(self.train))
        self.epoch_images = self.epoch_steps * to.step_images
        if not self.epoch_steps:
            times = f" times train.accumulate {to.accumulate}" if to.accumulate > 1 else ""
            raise Fault(
                f"params.yaml: train.batch_size: {to.batch_size}{times} is larger than the "
                f"training split ({len(self.train)} images); lower it"
            )
        self._train = to
        self.classes = len(packed.meta["classes"])
        self.shape: tuple[int, int, int] = tuple(packed.meta["shape"])
        self.plain = Normaliser(plan.normalise, packed.meta, device, layout(to))
        self.augment = preparation(plan.augment, self.plain, self.classes)
        self.criterion = make_criterion(to, self.train.labels, self.classes)

    def recipe(self, seed: int, precision: torch.dtype) -> Recipe:
        """How to train on them."""
        return Recipe(self._train, seed, precision, self.augment, self.plain, self.criterion)
