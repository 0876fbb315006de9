"""Laws of the norms by name."""

import pytest
import torch
from torch import nn

from assay.norms import NORMS, Settings


@pytest.mark.parametrize("name", sorted(set(NORMS) - {"none"}))
def test_every_norm_has_a_gain_of_1_and_a_bias_of_0_by_channel(name):
    norm = NORMS[name](12, Settings())
    assert norm.weight.equal(torch.ones(12))
    assert norm.bias.equal(torch.zeros(12))


@pytest.mark.parametrize("name", ["bin", "bn", "bn_torch"])
def test_batch_norms_take_eps_and_momentum(name):
    norm = NORMS[name](12, Settings(eps=0.5, momentum=0.25))
    assert (norm.eps, norm.momentum) == (0.5, 0.25)


@pytest.mark.parametrize("name", ["in", "ln"])
def test_instance_and_layer_norm_take_eps(name):
    assert NORMS[name](12, Settings(eps=0.5)).eps == 0.5


def test_group_norm_takes_eps_and_groups():
    norm = NORMS["gn"](12, Settings(eps=0.5, groups=6))
    assert (norm.eps, norm.groups) == (0.5, 6)


def test_without_a_norm_nothing_is_changed():
    assert isinstance(NORMS["none"](12, Settings()), nn.Identity)
