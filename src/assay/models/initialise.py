"""Initial weights: convolutions and linear layers alike, biases 0."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def kaiming_normal(weight: Tensor, generator: torch.Generator) -> None:
    """N(0, 2 / fan-in), for ReLU (He et al., arXiv:1502.01852)."""
    nn.init.kaiming_normal_(weight, mode="fan_in", nonlinearity="relu", generator=generator)


def xavier_uniform(weight: Tensor, generator: torch.Generator) -> None:
    """U(±sqrt(6 / (fan-in + fan-out))) (Glorot and Bengio, AISTATS 2010)."""
    nn.init.xavier_uniform_(weight, generator=generator)


INITIALISATIONS: dict[str, Callable[[Tensor, torch.Generator], None]] = {
    "kaiming_normal": kaiming_normal,
    "xavier_uniform": xavier_uniform,
}


def initialise(network: nn.Module, name: str, generator: torch.Generator) -> None:
    """Draw every convolution and linear layer anew, in the order of the network's modules."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            INITIALISATIONS[name](layer.weight, generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
