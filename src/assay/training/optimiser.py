"""Optimisers by name; norm gains and biases get no weight decay, and gates their own rate."""

from typing import Any

import torch
from torch import nn, optim

from assay.norms.batch_instance import BatchInstanceNorm
from assay.params.train import Train

GATE_RATE = 10  # Nam and Kim, arXiv:1805.07925: a gate learns ten times as fast


def make_optimiser(network: nn.Module, train: Train) -> optim.Optimizer:
    """The optimiser over the weights that learn: matrices, which decay, vectors, and gates.

    After each of its steps the gates of batch-instance norms are clipped to [0, 1].
    """
    gates = [one.gate for one in network.modules() if isinstance(one, BatchInstanceNorm)]
    gates = [gate for gate in gates if gate.requires_grad]
    known = {id(gate) for gate in gates}
    others = [p for p in network.parameters() if p.requires_grad and id(p) not in known]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in others if p.dim() > 1], "weight_decay": train.weight_decay},
        {"params": [p for p in others if p.dim() <= 1], "weight_decay": 0.0},
    ]
    if gates:
        groups.append({"params": gates, "weight_decay": 0.0, "lr": GATE_RATE * train.lr})
    optimiser = _make(groups, train)
    if gates:
        optimiser.register_step_post_hook(lambda *_: _clip(gates))
    return optimiser


def _make(groups: list[dict[str, Any]], train: Train) -> optim.Optimizer:
    if train.optimiser == "sgd":
        return optim.SGD(
            groups, train.lr, momentum=train.momentum, nesterov=train.nesterov, fused=True
        )
    if train.optimiser == "rmsprop":  # torch has no fused one
        return optim.RMSprop(groups, train.lr)
    kinds = {"adam": optim.Adam, "adamw": optim.AdamW}
    return kinds[train.optimiser](groups, train.lr, fused=True)


@torch.no_grad()
def _clip(gates: list[nn.Parameter]) -> None:
    for gate in gates:
        gate.clamp_(0, 1)
