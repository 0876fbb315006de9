"""All that training changes: weights, what the optimiser keeps of the past, and the average."""

from typing import Any

from torch import nn

from assay.models import State
from assay.params.train import Train
from assay.training.average import Average
from assay.training.optimiser import make_optimiser
from assay.training.schedule import make_schedule


class Learner:
    """A network with its optimiser and schedule; `result` is the network that training makes.

    That is the network itself, or with `train.ema` its average over the steps.
    """

    def __init__(self, network: nn.Module, train: Train, *, epoch_steps: int) -> None:
        self.network = network
        self._optimiser = make_optimiser(network, train)
        self._schedule = make_schedule(train, self._optimiser, epoch_steps=epoch_steps)
        self._learning = [weight for weight in network.parameters() if weight.requires_grad]
        self._clip_norm = train.clip_norm
        self._average = None
        if train.ema is not None:
            self._average = Average(network, train.ema)

    @property
    def result(self) -> nn.Module:
        """The network to validate and to keep."""
        return self.network if self._average is None else self._average.module

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return float(self._optimiser.param_groups[0]["lr"])

    def step(self) -> None:
        """Move the weights by their gradients, and forget these."""
        if self._clip_norm is not None:
            nn.utils.clip_grad_norm_(self._learning, self._clip_norm)
        self._optimiser.step()
        self.forget_gradients()
        self._schedule.step()
        if self._average is not None:
            self._average.follow(self.network)

    def forget_gradients(self) -> None:
        """Begin a new sum of gradients."""
        self._optimiser.zero_grad(set_to_none=True)

    def result_state(self) -> State:
        """A copy of the result's weights."""
        return {name: value.detach().clone() for name, value in self.result.state_dict().items()}

    def state(self) -> dict[str, Any]:
        """All that determines the next steps."""
        return {name: part.state_dict() for name, part in self._parts().items()}

    def load(self, state: dict[str, Any]) -> None:
        """Take up a state."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])

    def _parts(self) -> dict[str, Any]:
        parts = {
            "network": self.network,
            "optimiser": self._optimiser,
            "schedule": self._schedule,
        }
        return parts if self._average is None else parts | {"average": self._average}
