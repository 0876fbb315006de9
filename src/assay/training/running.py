"""The epoch that is under way: what its batches gave, left on the device until its end."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

PerBatch = Float[Tensor, " batches"]


class Running:
    """Losses, hits and rates of the batches that are done, and the seconds that they took."""

    def __init__(self) -> None:
        self.losses: list[Tensor] = []
        self.hits: list[Tensor] = []
        self.rates: list[float] = []
        self.seconds = 0.0

    def __len__(self) -> int:
        return len(self.losses)

    def add(self, loss_and_hits: Float[Tensor, "2"], rate: float) -> None:
        """One batch more."""
        self.losses.append(loss_and_hits[0])
        self.hits.append(loss_and_hits[1])
        self.rates.append(rate)

    def gathered(self) -> tuple[PerBatch, PerBatch]:
        """Losses and hits, on the CPU: here the device is waited for."""
        return torch.stack(self.losses).cpu(), torch.stack(self.hits).cpu()

    def state(self) -> dict[str, Any]:
        """All of it."""
        losses, hits = self.gathered()
        return {"losses": losses, "hits": hits, "rates": list(self.rates), "seconds": self.seconds}

    def load(self, state: dict[str, Any], device: torch.device) -> None:
        """Go on from `state`."""
        self.losses, self.hits = (list(state[name].to(device)) for name in ("losses", "hits"))
        self.rates, self.seconds = list(state["rates"]), state["seconds"]
