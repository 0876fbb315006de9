"""Learning rates over the steps of a training."""

import math
from bisect import bisect_right

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from assay.params.train import Train


def make_schedule(train: Train, optimiser: Optimizer, *, epoch_steps: int) -> LRScheduler:
    """`constant`; `step`: times gamma after each milestone; `cosine` to 0; `one_cycle`.

    Before the first three come `warmup_epochs`, in which the rate rises evenly to its full height.
    Each group of the optimiser's has its own rate, which is the highest.

    `one_cycle` is torch's (Smith and Topin, arXiv:1708.07120), up in 30% of the steps, then down to
    0, without its cycling of momentum.
    """
    steps = train.epochs * epoch_steps
    if train.schedule == "one_cycle":
        rates = [float(group["lr"]) for group in optimiser.param_groups]
        return OneCycleLR(optimiser, rates, total_steps=max(steps, 2), cycle_momentum=False)
    warmup = math.ceil(train.warmup_epochs * epoch_steps)
    milestones = [epoch * epoch_steps for epoch in train.milestones]

    def share(step: int) -> float:
        """Of the full rate, at a step from 0."""
        if step < warmup:
            return (step + 1) / (warmup + 1)
        if train.schedule == "step":
            return float(train.gamma ** bisect_right(milestones, step))
        if train.schedule == "cosine":
            return (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup))) / 2
        return 1.0

    return LambdaLR(optimiser, share)
