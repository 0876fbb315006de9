"""An average of a network over the steps of its training."""

import copy
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn


class Average:
    """`module` is the average: w ← decay w + (1 - decay) of the newest, from the first step's on.

    That holds for weights and running statistics; whole numbers are the newest. The values are
    those of torch.optim.swa_utils.AveragedModel, which waits for a GPU at each step.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.module = copy.deepcopy(network).requires_grad_(False)
        self._decay, self._begun = decay, False

    @torch.no_grad()
    def follow(self, network: nn.Module) -> None:
        """Take a step's weights into the average."""
        means: list[Tensor] = []
        newest: list[Tensor] = []
        for mean, new in zip(_values(self.module), _values(network), strict=True):
            if self._begun and mean.is_floating_point():
                means.append(mean)
                newest.append(new)
            else:
                mean.copy_(new)
        if means:
            torch._foreach_lerp_(means, newest, 1 - self._decay)
        self._begun = True

    def state_dict(self) -> dict[str, Any]:
        """All that determines the next steps."""
        return {"begun": self._begun, "module": self.module.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a state."""
        self._begun = state["begun"]
        self.module.load_state_dict(state["module"])


def _values(network: nn.Module) -> Iterator[Tensor]:
    yield from network.parameters()
    yield from network.buffers()
