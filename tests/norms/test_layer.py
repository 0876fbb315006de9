"""Laws of layer normalisation of images; torch's group norm of one group is the reference."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from assay.norms.group import GroupNorm
from assay.norms.instance import InstanceNorm
from assay.norms.layer import LayerNorm

SHAPES = [(4, 16, 5, 7), (2, 8, 1, 1), (1, 4, 3, 9), (3, 12, 1, 6)]
ONE_ROUNDING = {"rtol": 2**-8, "atol": 1e-5}


def randn(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("dtype", "near"), [(torch.float32, {}), (torch.bfloat16, ONE_ROUNDING)])
@pytest.mark.parametrize("shape", SHAPES)
def test_layer_norm_is_torchs_group_norm_of_one_group(alike, layout, shape, dtype, near):
    images = randn(*shape).mul(3).add(2).to(dtype).contiguous(memory_format=layout)
    reference = nn.GroupNorm(1, shape[1], eps=1e-3)
    alike(LayerNorm(shape[1], eps=1e-3), reference, images, **near)


def test_layer_norm_is_torchs_over_channels_and_plane_but_for_the_gains():
    images = randn(3, 4, 5, 6)
    expected = F.layer_norm(images, images.shape[1:])
    torch.testing.assert_close(LayerNorm(4, eps=1e-5)(images), expected)


@pytest.mark.parametrize("shape", [(3, 6, 5, 7), (2, 4, 1, 3)])
def test_group_norm_is_layer_norm_with_one_group_and_instance_norm_with_one_a_channel(shape):
    images, channels = randn(*shape), shape[1]
    for groups, other in [
        (1, LayerNorm(channels, eps=1e-5)),
        (channels, InstanceNorm(channels, eps=1e-5)),
    ]:
        assert GroupNorm(channels, groups=groups, eps=1e-5)(images).equal(other(images))


def test_evaluation_is_as_training():
    norm, images = LayerNorm(3, eps=1e-5), randn(4, 3, 5, 5)
    assert norm(images).equal(norm.eval()(images))
