"""Optimisers by name; norm gains and biases get no weight decay."""

from torch import nn, optim

from assay.params.train import Train


def make_optimiser(network: nn.Module, train: Train) -> optim.Optimizer:
    """The optimiser over two groups of parameters: those that decay, and vectors, which do not."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": train.weight_decay},
        {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
    ]
    if train.optimiser == "sgd":
        return optim.SGD(
            groups, train.lr, momentum=train.momentum, nesterov=train.nesterov, fused=True
        )
    kinds = {"adam": optim.Adam, "adamw": optim.AdamW}
    return kinds[train.optimiser](groups, train.lr, fused=True)
