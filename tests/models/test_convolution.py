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


@pytest.mark.parametrize("plane", PLANES)
def test_in_bf16_weights_that_meet_padding_alone_have_a_gradient_of_0(plane):
    layer = StridedConv2d(64, 64, 3, 2, bias=False).to(memory_format=torch.channels_last)
    images = torch.randn(2, 64, *plane).contiguous(memory_format=torch.channels_last)
    reached = torch.zeros_like(layer.weight)
    with torch.no_grad():
        for row in range(3):
            for column in range(3):
                layer.weight.zero_()
                layer.weight[:, :, row, column] = 1
                reached[:, :, row, column] = layer(images).abs().max()
    with torch.autocast("cpu", torch.bfloat16):
        layer(images).float().sum().backward()
    assert layer.weight.grad.isfinite().all()
    assert not layer.weight.grad[reached == 0].any()
