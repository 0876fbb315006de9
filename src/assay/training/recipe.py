"""How to train: all that the loop needs beside the network and the images."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from assay.data.prepare import Prepare, Targets
from assay.params.train import Train

Criterion = Callable[[Float[Tensor, "n k"], Targets], Float[Tensor, ""]]


class Recipe(NamedTuple):
    """How to train: `augment` gives inputs and targets, `plain` normalises alone."""

    train: Train
    seed: int
    precision: torch.dtype
    augment: Prepare
    plain: Callable[[UInt8[Tensor, "n c h w"]], Float[Tensor, "n c h w"]]
    criterion: Criterion
