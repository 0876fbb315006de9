"""Initial weights: convolutions and linear layers alike, biases 0 but for `torch`."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn


def kaiming_normal(weight: Tensor, generator: torch.Generator) -> None:
    """N(0, 2 / fan-in), for ReLU (He et al., arXiv:1502.01852)."""
    nn.init.kaiming_normal_(weight, mode="fan_in", nonlinearity="relu", generator=generator)


def kaiming_uniform(weight: Tensor, generator: torch.Generator) -> None:
    """U(±sqrt(6 / fan-in)), for ReLU: the variance of `kaiming_normal` (arXiv:1502.01852)."""
    nn.init.kaiming_uniform_(weight, mode="fan_in", nonlinearity="relu", generator=generator)


def xavier_normal(weight: Tensor, generator: torch.Generator) -> None:
    """N(0, 2 / (fan-in + fan-out)) (Glorot and Bengio, AISTATS 2010)."""
    nn.init.xavier_normal_(weight, generator=generator)


def xavier_uniform(weight: Tensor, generator: torch.Generator) -> None:
    """U(±sqrt(6 / (fan-in + fan-out))) (Glorot and Bengio, AISTATS 2010)."""
    nn.init.xavier_uniform_(weight, generator=generator)


def normal(weight: Tensor, generator: torch.Generator) -> None:
    """N(0, 0.01), whatever the fan: deviation 0.1 (the VGG paper, arXiv:1409.1556, section 3.1)."""
    nn.init.normal_(weight, 0.0, 0.1, generator=generator)


def torch_default(weight: Tensor, generator: torch.Generator) -> None:
    """U(±1 / sqrt(fan-in)), what `reset_parameters` of torch's layers draws."""
    nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)


INITIALISATIONS: dict[str, Callable[[Tensor, torch.Generator], None]] = {
    "kaiming_normal": kaiming_normal,
    "kaiming_uniform": kaiming_uniform,
    "xavier_normal": xavier_normal,
    "xavier_uniform": xavier_uniform,
    "normal": normal,
    "torch": torch_default,
}


def initialise(network: nn.Module, name: str, generator: torch.Generator) -> None:
    """Draw every convolution and linear layer anew, in the order of the network's modules.

    Biases are 0, but U(±1 / sqrt(fan-in)) with `torch`, as its layers have them.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            INITIALISATIONS[name](layer.weight, generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
                if name == "torch":
                    bound = 1 / math.sqrt(layer.weight[0].numel())
                    nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
