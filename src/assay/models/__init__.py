"""Networks by name; `build` makes one from the model section."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from assay.models.initialise import initialise
from assay.models.resnet import BLOCKS, ResNet
from assay.models.vgg import CONFIGURATIONS, VGG
from assay.norms import NORMS, Settings
from assay.params.model import Model

Shape = tuple[int, int, int]
Norm = Callable[[int], nn.Module]


def _vgg(arch: str, model: Model, shape: Shape, classes: int, norm: Norm) -> nn.Module:
    return VGG(CONFIGURATIONS[arch], shape=shape, classes=classes, norm=norm, dropout=model.dropout)


def _resnet(arch: str, model: Model, shape: Shape, classes: int, norm: Norm) -> nn.Module:
    return ResNet(
        BLOCKS[arch],
        channels=shape[0],
        classes=classes,
        norm=norm,
        stem=model.stem,
        bias=model.norm == "none",
    )


NETWORKS: dict[str, Callable[[Model, Shape, int, Norm], nn.Module]] = {
    **{arch: functools.partial(_vgg, arch) for arch in CONFIGURATIONS},
    **{arch: functools.partial(_resnet, arch) for arch in BLOCKS},
}


def build(model: Model, shape: Any, classes: int, generator: torch.Generator) -> nn.Module:
    """The network for images of `shape` [channels, height, width], initialised, on the CPU."""
    settings = Settings(model.norm_eps, model.norm_momentum, model.groups)
    norm = functools.partial(_norm, NORMS[model.norm], settings)
    network = NETWORKS[model.arch](model, tuple(shape), classes, norm)
    initialise(network, model.init, generator)
    return network


def _norm(
    make: Callable[[int, Settings], nn.Module], settings: Settings, channels: int
) -> nn.Module:
    return make(channels, settings)
