"""Where training starts: weights from a file, a new head, and a backbone that stays as it is."""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import nn

from assay.fault import Fault
from assay.models import State
from assay.models.weight_files import read_weights
from assay.params.model import Model
from assay.params.weights import content_hash

COUNTER = "num_batches_tracked"  # torch's batch norms count; nothing here reads it


def start(network: nn.Module, model: Model, expected: str | None) -> None:
    """Fill the network from `model.weights`, and freeze what `model.freeze` says.

    `expected` is the SHA-256 of the file when it was planned; another one is a Fault.
    """
    if model.weights:
        path = Path(model.weights)
        if content_hash(path) != expected:
            raise Fault(f"{path}: has changed since it was planned; run `dvc repro` again")
        fill(network, read_weights(path), path, replace_head=model.replace_head)
    if model.freeze == "backbone":
        network.requires_grad_(False)
        network.get_submodule(head(network)).requires_grad_(True)


def train_mode(network: nn.Module) -> None:
    """Training mode, but where a part is frozen only for the layers that learn.

    Frozen norms keep their running statistics and use them, and nothing frozen drops out: the
    head sees the features that it will see in evaluation.
    """
    network.train(all(weight.requires_grad for weight in network.parameters()))
    for layer in network.modules():
        if any(weight.requires_grad for weight in layer.parameters(recurse=False)):
            layer.train()


def head(network: nn.Module) -> str:
    """The name of the last linear layer, which gives the logits."""
    return [name for name, layer in network.named_modules() if isinstance(layer, nn.Linear)][-1]


def fill(network: nn.Module, given: State, path: Path, *, replace_head: bool) -> None:
    """Copy the weights of a file in; a Fault, and the network as it was, where one does not fit."""
    last = head(network) + "."
    own = _without(network.state_dict(), last if replace_head else None)
    given = _without(given, last if replace_head else None)
    _same_names(own, given, path)
    for name, value in given.items():
        if value.shape != own[name].shape:
            raise Fault(f"{path}: {_misfit(network, name, value.shape, own[name].shape)}")
        if not value.is_floating_point() or not value.float().isfinite().all():
            raise Fault(f"{path}: {name} has values that are no finite numbers; take another file")
        if name.endswith("running_var") and (value < 0).any():
            raise Fault(f"{path}: {name} has negative variances; take another file")
    network.load_state_dict(given, strict=False)


def _without(state: State, last: str | None) -> State:
    """The weights but for counters and, where it is replaced, the head."""
    return {
        name: value
        for name, value in state.items()
        if not name.endswith(COUNTER) and not (last and name.startswith(last))
    }


def _same_names(own: Iterable[str], given: Iterable[str], path: Path) -> None:
    missing = [name for name in own if name not in given]
    unexpected = [name for name in given if name not in own]
    told = [
        f"{what} {', '.join(map(repr, names[:2]))[:100]}{' …' if len(names) > 2 else ''}"
        for what, names in [("lacks", missing), ("has a foreign", unexpected)]
        if names
    ]
    if told:
        raise Fault(
            f"{path}: of another network: {' and '.join(told)}; set model.arch, n, norm, conv_bias "
            "and shortcut as it was trained"
        )


def _misfit(network: nn.Module, name: str, given: torch.Size, own: torch.Size) -> str:
    """What a weight of another shape means, and what to do."""
    layer = name.rpartition(".")[0]
    first = next(part for part, one in network.named_modules() if isinstance(one, nn.Conv2d))
    if layer == head(network) and given[:1] != own[:1]:
        return (
            f"its head has {given[0] if given else 0} classes and the data {own[0]}; "
            "set model.replace_head: true to train a new head"
        )
    if layer == first and given[:1] + given[2:] == own[:1] + own[2:]:
        return (
            f"is for images of {given[1]} channels, and these have {own[1]}; "
            f"set preprocess.channels to {given[1]}"
        )
    shapes = f"{name} is {_by(given)} and here {_by(own)}"
    if isinstance(network.get_submodule(layer), nn.Linear):
        return f"{shapes}; set preprocess.size to that of the weights (224 for torchvision's)"
    return f"{shapes}; correct model.arch or model.stem"


def _by(shape: torch.Size) -> str:
    return "x".join(map(str, shape)) or "one number"
