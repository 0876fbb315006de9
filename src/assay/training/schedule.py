"""Learning rates over the steps of a training."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LRScheduler, OneCycleLR


def make_schedule(name: str, optimiser: Optimizer, *, steps: int) -> LRScheduler:
    """`constant`; `cosine` to 0; `one_cycle`: up in 30% of the steps, then down to 0.

    Each group of the optimiser's has its own rate, which is the highest.

    `one_cycle` is torch's (Smith and Topin, arXiv:1708.07120) without its cycling of momentum.
    """
    if name == "cosine":
        return CosineAnnealingLR(optimiser, T_max=steps)
    if name == "one_cycle":
        rates = [float(group["lr"]) for group in optimiser.param_groups]
        return OneCycleLR(optimiser, rates, total_steps=max(steps, 2), cycle_momentum=False)
    return ConstantLR(optimiser, factor=1.0)
