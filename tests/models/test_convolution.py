"""Laws of the strided convolution."""

import pytest
import torch
from torch import nn

from assay.models.convolution import StridedConv2d

PLANES = [(1, 1), (1, 5), (6, 1), (2, 2), (7, 4)]


@pytest.mark.parametrize("kernel", [1, 3, 7])
@pytest.mark.parametrize("plane", PLANES)
def test_a_strided_convolution_is_torchs(plane, kernel):
    torch.manual_seed(0)
    own = StridedConv2d(3, 5, kernel, 2, bias=True)
    reference = nn.Conv2d(3, 5, kernel, 2, padding=kernel // 2)
    reference.load_state_dict(own.state_dict())
    images = torch.randn(2, 3, *plane)
    found = []
    for layer in (own, reference):
        y = layer(images)
        y.square().sum().backward()
        found.append((y, layer.weight.grad, layer.bias.grad))
    torch.testing.assert_close(*found)


def leave_rubbish(numbers):
    """Free memory that is full of NaN, so that what is left unset shows."""
    for _ in range(3):
        rubbish = [torch.full((numbers,), torch.nan, dtype=torch.bfloat16) for _ in range(8)]
        del rubbish


@pytest.mark.parametrize("plane", PLANES)
def test_in_bf16_the_gradient_of_the_weights_is_that_in_fp32(plane):
    torch.manual_seed(0)
    layer = StridedConv2d(64, 64, 3, 2, bias=False).to(memory_format=torch.channels_last)
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
    # Images and upstream gradient have 8 bits, summed over up to 32 places.
    torch.testing.assert_close(narrow, wide, rtol=2**-7, atol=2**-7 * wide.abs().max().item())
    assert not narrow[wide == 0].any()
