"""Laws of the convolution, on planes of a few pixels and of more."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from assay.models.convolution import FEW, Convolution

PLANES = [(1, 1), (1, 5), (6, 1), (2, 2), (7, 4)]
sides = st.integers(1, 6)


@given(st.sampled_from([1, 3, 7]), st.integers(1, 3), sides, sides, st.booleans(), st.booleans())
def test_a_convolution_is_torchs(kernel, stride, height, width, bias, last):
    torch.manual_seed(0)
    layout = torch.channels_last if last else torch.contiguous_format
    own = Convolution(3, 5, kernel, stride, bias=bias).to(memory_format=layout)
    reference = nn.Conv2d(3, 5, kernel, stride, padding=kernel // 2, bias=bias)
    reference.load_state_dict(own.state_dict())
    pixels = torch.randn(2, 3, height, width).to(memory_format=layout)
    found = []
    for layer in (own, reference):
        images = pixels.clone().requires_grad_()
        y = layer(images)
        y.square().sum().backward()
        gradients = [one.grad for one in layer.parameters()]
        with torch.no_grad():
            again = layer(images)
        found.append((y, again, images.grad, *gradients))
    torch.testing.assert_close(*found)


@pytest.mark.parametrize(("side", "product"), [(1, True), (2, True), (3, False), (4, False)])
def test_planes_of_few_places_are_learnt_from_as_a_product(side, product):
    layer, images = Convolution(3, 5, 3, bias=True), torch.randn(2, 3, side, side)
    assert (side * side <= FEW) == product
    learnt = "Convolution" not in type(layer(images).grad_fn).__name__
    assert learnt == product


def leave_rubbish(numbers):
    """Free memory that is full of NaN, so that what is left unset shows."""
    for _ in range(3):
        rubbish = [torch.full((numbers,), torch.nan, dtype=torch.bfloat16) for _ in range(8)]
        del rubbish


@pytest.mark.parametrize("plane", [*PLANES, (1, 9), (9, 1)])
@pytest.mark.parametrize("stride", [1, 2])
def test_in_bf16_the_gradient_of_the_weights_is_that_in_fp32(plane, stride):
    torch.manual_seed(0)
    layer = Convolution(64, 64, 3, stride, bias=False).to(memory_format=torch.channels_last)
    images = torch.randn(8, 64, *plane).contiguous(memory_format=torch.channels_last)
    found = []
    for precision in (torch.float32, torch.bfloat16):
        layer.weight.grad = None
        with torch.autocast("cpu", torch.bfloat16, precision == torch.bfloat16):
            loss = layer(images).float().sum()
        leave_rubbish(layer.weight.numel())
        loss.backward()
        found.append(layer.weight.grad)
    wide, narrow = found
    # Images and upstream gradient have 8 bits, summed over up to 72 places.
    torch.testing.assert_close(narrow, wide, rtol=2**-7, atol=2**-7 * wide.abs().max().item())
    assert not narrow[wide == 0].any()
