"""Laws of the networks by name."""

from typing import get_args

import pytest
from torch import nn

from assay.models import NETWORKS
from assay.norms.batch import BatchNorm
from assay.norms.group import GroupNorm
from assay.params.architectures import ARCHITECTURES
from assay.params.model import Architecture

KINDS = {"bn": BatchNorm, "bn_torch": nn.BatchNorm2d, "gn": GroupNorm}


def norms(network, kind):
    return [one for one in network.modules() if isinstance(one, kind)]


def test_the_networks_are_those_of_the_parameters():
    assert set(NETWORKS) == set(get_args(Architecture)) == set(ARCHITECTURES)


@pytest.mark.parametrize("arch", NETWORKS)
def test_the_widths_known_before_torch_is_there_are_those_that_a_norm_meets(sketch, arch):
    widths = {len(norm.weight) for norm in norms(sketch(arch, norm="bn"), BatchNorm)}
    assert widths == set(ARCHITECTURES[arch].widths)


@pytest.mark.parametrize("arch", NETWORKS)
def test_the_smallest_side_known_before_torch_is_there_is_enough(sketch, arch):
    side = ARCHITECTURES[arch].smallest_side
    sketch(arch, (3, side, side))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("arch", NETWORKS)
def test_every_norm_of_a_network_is_the_one_asked_for(sketch, arch, name):
    found = norms(sketch(arch, norm=name, norm_eps=0.5), tuple(KINDS.values()))
    assert {type(norm) for norm in found} == {KINDS[name]}
    assert {norm.eps for norm in found} == {0.5}


@pytest.mark.parametrize("arch", NETWORKS)
def test_momentum_and_groups_reach_every_norm(sketch, arch):
    assert {n.momentum for n in norms(sketch(arch, norm_momentum=0.25), BatchNorm)} == {0.25}
    assert {n.groups for n in norms(sketch(arch, norm="gn", groups=8), GroupNorm)} == {8}
