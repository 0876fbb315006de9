"""Made-up images, and the comparison of one norm with another."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> torch.memory_format:
    return LAYOUTS[request.param]


@pytest.fixture
def alike(device: str) -> Callable[..., None]:
    """Output, every gradient and every running statistic of `own` are those of `reference`.

    The reference computes in the precision of its own weights. Both get the same random gains.
    """

    def check(own: nn.Module, reference: nn.Module, images: Tensor, **tolerance: float) -> None:
        random = torch.Generator().manual_seed(1)
        own, reference = own.to(device), reference.to(device)
        for one in own.parameters():
            nn.init.normal_(one, 1, 0.5, generator=random)
        for name, one in own.named_parameters():
            reference.get_parameter(name).data.copy_(one.data)
        for name, one in own.named_buffers():
            reference.get_buffer(name).copy_(one)
        wide = reference.weight.dtype
        upstream = torch.randn(images.shape, generator=random).to(device, images.dtype)
        given = images.to(device).requires_grad_()
        same = images.to(device, wide, copy=True).detach().requires_grad_()
        y, z = own(given), reference(same)
        y.backward(upstream)
        z.backward(upstream.to(wide))
        assert y.dtype == given.grad.dtype == images.dtype
        pairs = {"output": (y, z), "images": (given.grad, same.grad)}
        pairs |= {
            name: (one.grad, reference.get_parameter(name).grad)
            for name, one in own.named_parameters()
        }
        pairs |= {name: (one, reference.get_buffer(name)) for name, one in own.named_buffers()}
        for name, (mine, its) in pairs.items():
            torch.testing.assert_close(
                mine.to(wide), its, msg=lambda text, name=name: f"{name}: {text}", **tolerance
            )

    return check
