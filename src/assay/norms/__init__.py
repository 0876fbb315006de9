"""Normalisations by name; each is made for a number of channels."""

from collections.abc import Callable
from typing import NamedTuple

from torch import nn

from assay.norms.batch import BatchNorm
from assay.norms.batch_instance import BatchInstanceNorm
from assay.norms.group import GroupNorm, default_groups
from assay.norms.instance import InstanceNorm
from assay.norms.layer import LayerNorm


class Settings(NamedTuple):
    """What the norms can be told: `groups` None is the default of `gn`."""

    eps: float = 1e-5
    momentum: float = 0.1
    groups: int | None = None


def _bn(channels: int, to: Settings) -> nn.Module:
    return BatchNorm(channels, eps=to.eps, momentum=to.momentum)


def _bn_torch(channels: int, to: Settings) -> nn.Module:
    return nn.BatchNorm2d(channels, eps=to.eps, momentum=to.momentum)


def _in(channels: int, to: Settings) -> nn.Module:
    return InstanceNorm(channels, eps=to.eps)


def _bin(channels: int, to: Settings) -> nn.Module:
    return BatchInstanceNorm(channels, eps=to.eps, momentum=to.momentum)


def _ln(channels: int, to: Settings) -> nn.Module:
    return LayerNorm(channels, eps=to.eps)


def _gn(channels: int, to: Settings) -> nn.Module:
    return GroupNorm(channels, groups=to.groups or default_groups(channels), eps=to.eps)


def _none(channels: int, to: Settings) -> nn.Module:
    return nn.Identity()


NORMS: dict[str, Callable[[int, Settings], nn.Module]] = {
    "bn": _bn,
    "in": _in,
    "bin": _bin,
    "ln": _ln,
    "gn": _gn,
    "none": _none,
    "bn_torch": _bn_torch,
}
