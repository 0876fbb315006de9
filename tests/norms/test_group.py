"""Laws of group normalisation."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from assay.norms.group import GroupNorm, default_groups

SHAPES = [(4, 16, 5, 7), (2, 8, 1, 1), (1, 4, 3, 9), (3, 12, 1, 6)]
ONE_ROUNDING = {"rtol": 2**-8, "atol": 1e-5}  # bf16 has 8 bits; all before the last is fp32
seeds = st.integers(0, 2**31)


def norm(channels, groups, *, eps=1e-5):
    return GroupNorm(channels, groups=groups, eps=eps)


def randn(*shape, seed=0, dtype=torch.float32):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def fitting_groups(channels):
    return {"one": 1, "two": 2, "quarter": channels // 4, "each": channels}


@pytest.mark.parametrize("groups", ["one", "two", "quarter", "each"])
@pytest.mark.parametrize("shape", SHAPES)
def test_group_norm_is_torchs(alike, layout, shape, groups):
    images = randn(*shape).mul(3).add(2).contiguous(memory_format=layout)
    number = fitting_groups(shape[1])[groups]
    alike(norm(shape[1], number, eps=1e-3), nn.GroupNorm(number, shape[1], eps=1e-3), images)


@pytest.mark.parametrize("groups", ["one", "two", "quarter"])
@pytest.mark.parametrize("shape", SHAPES)
def test_group_norm_of_bf16_images_is_torchs_in_fp32_rounded_once(alike, layout, shape, groups):
    images = randn(*shape).to(torch.bfloat16).contiguous(memory_format=layout)
    number = fitting_groups(shape[1])[groups]
    alike(norm(shape[1], number), nn.GroupNorm(number, shape[1]), images, **ONE_ROUNDING)


def test_evaluation_is_as_training():
    images, own = randn(2, 4, 3, 3), norm(4, 2)
    assert own(images).equal(own.eval()(images))


def test_a_large_mean_costs_no_accuracy():
    images = randn(8, 4, 9, 9) + 1000
    expected = nn.GroupNorm(2, 4).double()(images.double())
    torch.testing.assert_close(norm(4, 2)(images).double(), expected, rtol=0, atol=2e-4)


@given(st.integers(1, 4096))
def test_default_groups_divide_the_channels_into_at_most_32(channels):
    groups = default_groups(channels)
    assert channels % groups == 0
    assert groups <= 32
    assert channels < 4 or channels // groups >= 4


@pytest.mark.parametrize(("channels", "groups"), [(16, 4), (64, 16), (96, 8), (128, 32), (512, 32)])
def test_default_groups_are_the_papers_32_or_fewer_of_four_channels(channels, groups):
    assert default_groups(channels) == groups


def test_groups_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="5 groups do not divide 16 channels"):
        norm(16, 5)


def test_images_of_other_channels_are_refused():
    images = torch.randn(3, 4, 9, 9).contiguous(memory_format=torch.channels_last)
    norm = GroupNorm(64, groups=16, eps=1e-5)
    with torch.no_grad(), pytest.raises(ValueError, match="4 channels, and a norm of 64"):
        norm(images)


@pytest.mark.filterwarnings("ignore:var_mean")
@pytest.mark.parametrize("groups", [1, 4])
def test_a_batch_without_images_is_one(groups):
    assert norm(16, groups)(torch.zeros(0, 16, 3, 3)).shape == (0, 16, 3, 3)
