"""Laws of instance normalisation; torch's is the reference."""

import pytest
import torch
from torch import nn

from assay.norms.instance import InstanceNorm

SHAPES = [(4, 16, 5, 7), (1, 4, 3, 9), (3, 12, 1, 6), (2, 1, 8, 8)]
ONE_ROUNDING = {"rtol": 2**-8, "atol": 1e-5}


def randn(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("dtype", "near"), [(torch.float32, {}), (torch.bfloat16, ONE_ROUNDING)])
@pytest.mark.parametrize("shape", SHAPES)
def test_instance_norm_is_torchs(alike, layout, shape, dtype, near):
    images = randn(*shape).mul(3).add(2).to(dtype).contiguous(memory_format=layout)
    reference = nn.InstanceNorm2d(shape[1], eps=1e-3, affine=True)
    alike(InstanceNorm(shape[1], eps=1e-3), reference, images, **near)


@pytest.mark.parametrize("training", [True, False])
def test_a_plane_of_one_pixel_is_refused(training):
    with pytest.raises(ValueError, match="planes of one pixel"):
        InstanceNorm(3, eps=1e-5).train(training)(torch.ones(4, 3, 1, 1))


def test_evaluation_is_as_training():
    norm, images = InstanceNorm(3, eps=1e-5), randn(4, 3, 5, 5)
    assert norm(images).equal(norm.eval()(images))
