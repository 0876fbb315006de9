"""Networks by name; `build` makes one from the model section."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from assay.models.blocks import zero_branches
from assay.models.cifar_resnet import CifarPreactResNet, CifarResNet
from assay.models.initialise import initialise
from assay.models.parts import Norm, Parts
from assay.models.resnet import BLOCKS, ResNet
from assay.models.vgg import CONFIGURATIONS, VGG
from assay.norms import NORMS, Settings
from assay.params.model import Model

Shape = tuple[int, int, int]
State = dict[str, Tensor]  # weights and statistics by name


def _vgg(arch: str, model: Model, shape: Shape, classes: int, norm: Norm) -> nn.Module:
    return VGG(
        CONFIGURATIONS[arch],
        shape=shape,
        classes=classes,
        norm=norm,
        bias=model.conv_bias is not False,
        dropout=model.dropout,
        local_response=arch == "vgg11_lrn",
    )


def _resnet(arch: str, model: Model, shape: Shape, classes: int, norm: Norm) -> nn.Module:
    block, blocks = BLOCKS[arch]
    parts = _parts(model, norm)
    return ResNet(block, blocks, parts, channels=shape[0], classes=classes, stem=model.stem)


def _cifar(
    kind: type[CifarResNet] | type[CifarPreactResNet],
    model: Model,
    shape: Shape,
    classes: int,
    norm: Norm,
) -> nn.Module:
    if model.n is None:
        raise ValueError(f"{model.arch} needs n, which its depth follows from")
    return kind(model.n, _parts(model, norm), channels=shape[0], classes=classes)


def _parts(model: Model, norm: Norm) -> Parts:
    bias = model.norm == "none" if model.conv_bias == "auto" else model.conv_bias
    return Parts(norm, bias, model.shortcut, model.shortcut_norm)


NETWORKS: dict[str, Callable[[Model, Shape, int, Norm], nn.Module]] = {
    **{arch: functools.partial(_vgg, arch) for arch in CONFIGURATIONS},
    **{arch: functools.partial(_resnet, arch) for arch in BLOCKS},
    "cifar_resnet": functools.partial(_cifar, CifarResNet),
    "cifar_preact_resnet": functools.partial(_cifar, CifarPreactResNet),
}


def build(model: Model, shape: Any, classes: int, generator: torch.Generator) -> nn.Module:
    """The network for images of `shape` [channels, height, width], initialised, on the CPU."""
    settings = Settings(model.norm_eps, model.norm_momentum, model.groups)
    norm = functools.partial(_norm, NORMS[model.norm], settings)
    network = NETWORKS[model.arch](model, tuple(shape), classes, norm)
    initialise(network, model.init, generator)
    if model.zero_init_residual:
        zero_branches(network)
    return network


def _norm(
    make: Callable[[int, Settings], nn.Module], settings: Settings, channels: int
) -> nn.Module:
    return make(channels, settings)
