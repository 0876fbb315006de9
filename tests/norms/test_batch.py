"""Laws of batch normalisation."""

import pytest
import torch
from hypothesis import strategies as st
from torch import nn

from assay.norms.batch import BatchNorm

SHAPES = [(8, 16, 5, 7), (2, 3, 1, 1), (1, 5, 3, 9), (3, 12, 1, 6), (4, 1, 8, 8)]
ONE_ROUNDING = {"rtol": 2**-8, "atol": 1e-5}  # bf16 has 8 bits; all before the last is fp32
seeds = st.integers(0, 2**31)


def norm(channels, *, eps=1e-5, momentum=0.1):
    return BatchNorm(channels, eps=eps, momentum=momentum)


def randn(*shape, seed=0, dtype=torch.float32):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_in_training_is_torchs(alike, layout, shape):
    images = randn(*shape).mul(3).add(2).contiguous(memory_format=layout)
    reference = nn.BatchNorm2d(shape[1], eps=1e-3, momentum=0.3)
    alike(norm(shape[1], eps=1e-3, momentum=0.3), reference, images)


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_of_bf16_images_is_torchs_in_fp32_rounded_once(alike, layout, shape):
    images = randn(*shape).to(torch.bfloat16).contiguous(memory_format=layout)
    alike(norm(shape[1]), nn.BatchNorm2d(shape[1]), images, **ONE_ROUNDING)


@pytest.mark.parametrize(("dtype", "near"), [(torch.float32, {}), (torch.bfloat16, ONE_ROUNDING)])
@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_in_evaluation_is_torchs_with_the_running_statistics(
    alike, layout, shape, dtype, near
):
    own, reference = norm(shape[1]), nn.BatchNorm2d(shape[1])
    own.running_mean.copy_(randn(shape[1], seed=2))
    own.running_var.copy_(randn(shape[1], seed=3).exp())
    images = randn(*shape).to(dtype).contiguous(memory_format=layout)
    alike(own.eval(), reference.eval(), images, **near)


def test_running_statistics_move_by_the_momentum_towards_unbiased_ones():
    images, own = randn(4, 3, 5, 2) * 3 + 1, norm(3, momentum=0.25)
    own.running_mean.fill_(8)
    own.running_var.fill_(4)
    own(images)
    mean, variance = images.mean(dim=(0, 2, 3)), images.var(dim=(0, 2, 3), correction=1)
    torch.testing.assert_close(own.running_mean, 0.75 * 8 + 0.25 * mean)
    torch.testing.assert_close(own.running_var, 0.75 * 4 + 0.25 * variance)


def test_evaluation_leaves_the_running_statistics_alone():
    own = norm(3).eval()
    own(randn(4, 3, 5, 5) + 5)
    assert own.running_mean.equal(torch.zeros(3))
    assert own.running_var.equal(torch.ones(3))


def test_running_statistics_of_bf16_images_stay_fp32():
    own = norm(3)
    own(randn(4, 3, 5, 5).bfloat16())
    assert own.running_mean.dtype == own.running_var.dtype == torch.float32


def test_a_large_mean_costs_no_accuracy():
    images = randn(8, 3, 9, 9) + 1000
    expected = nn.BatchNorm2d(3).double()(images.double())
    torch.testing.assert_close(norm(3)(images).double(), expected, rtol=0, atol=2e-4)


def test_one_value_a_channel_is_refused_in_training_only():
    with pytest.raises(ValueError, match="one value a channel"):
        norm(3)(randn(1, 3, 1, 1))
    assert norm(3).eval()(randn(1, 3, 1, 1)).isfinite().all()


def test_evaluation_keeps_its_accuracy_at_large_means():
    images = 1e4 + 0.1 * torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    norm = BatchNorm(3, eps=1e-5, momentum=1.0).eval()
    wide = images.double()
    norm.running_mean.copy_(wide.mean((0, 2, 3)))
    norm.running_var.copy_(wide.var((0, 2, 3)))
    mean, variance = (one.double()[:, None, None] for one in (norm.running_mean, norm.running_var))
    expected = (wide - mean) / (variance + 1e-5).sqrt()
    torch.testing.assert_close(norm(images).double(), expected, rtol=0, atol=1e-5)
