"""Laws of local response normalisation; torch's function in fp64 is the reference."""

import pytest
import torch
import torch.nn.functional as F

from assay.norms.local_response import LocalResponseNorm

FORMATS = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}


def reference(images):
    """torch divides alpha by the number of channels that are summed over; the paper does not."""
    return F.local_response_norm(images, 5, alpha=5 * 1e-4, beta=0.75, k=2.0)


def images(shape, dtype, layout="channels last"):
    # Values of some hundreds, so that the sum of squares has a say beside k.
    given = 200 * torch.randn(shape, generator=torch.Generator().manual_seed(0))
    given = given.to(dtype).contiguous(memory_format=FORMATS[layout])
    return given.requires_grad_()


def found(function, given, upstream):
    y = function(given)
    (gradient,) = torch.autograd.grad(y, given, upstream.to(given.dtype))
    return y, gradient


@pytest.mark.parametrize("layout", FORMATS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 64])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_output_and_gradient_are_torchs(dtype, channels, layout):
    given = images((2, channels, 5, 3), dtype, layout)
    upstream = torch.randn(given.shape)
    own = found(LocalResponseNorm(), given, upstream)
    torch.testing.assert_close(own, found(reference, given, upstream))


def test_the_gradient_is_that_of_the_formula():
    assert torch.autograd.gradcheck(LocalResponseNorm(), images((2, 7, 2, 3), torch.float64))


def test_bf16_is_rounded_once_since_sums_are_kept_in_fp32():
    given = images((2, 16, 4, 4), torch.bfloat16)
    upstream = torch.randn(given.shape).bfloat16()
    own = found(LocalResponseNorm(), given, upstream)
    wide = given.detach().double().requires_grad_()
    expected = [one.bfloat16() for one in found(reference, wide, upstream)]
    torch.testing.assert_close(own, tuple(expected), rtol=2**-8, atol=0)


@pytest.mark.parametrize("layout", FORMATS)
def test_the_memory_format_is_kept_in_both_directions(layout):
    given = images((2, 8, 4, 4), torch.bfloat16, layout)
    for one in found(LocalResponseNorm(), given, torch.ones_like(given)):
        assert one.is_contiguous(memory_format=FORMATS[layout])


def test_channels_further_than_two_away_are_ignored():
    given = images((1, 9, 1, 1), torch.float64)
    y = LocalResponseNorm()(given)
    (gradient,) = torch.autograd.grad(y[0, 4, 0, 0], given)
    assert gradient.flatten().ne(0).tolist() == [2 <= channel <= 6 for channel in range(9)]
