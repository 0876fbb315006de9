"""Laws of pooled moments, whatever the pool."""

import functools

import pytest
import torch

from assay.norms.batch import over_images
from assay.norms.group import over_groups
from assay.norms.moments import PooledNorm, centred, normalise, pooled

POOLS = {
    "images": over_images,
    "groups": functools.partial(over_groups, groups=2),
    "planes": lambda planes: planes,
    "everything": lambda planes: planes.mean().expand_as(planes),
}


@pytest.fixture(params=POOLS)
def pool(request):
    return POOLS[request.param]


def randn(*shape, seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=random, dtype=torch.float64)


@pytest.mark.parametrize("shape", [(3, 4, 2, 3), (2, 4, 1, 5)])
def test_the_gradient_written_down_is_the_gradient(pool, shape):
    given = [randn(*shape), randn(4, seed=1), randn(4, seed=2)]
    torch.autograd.gradcheck(
        lambda *args: PooledNorm.apply(*args, pool, 1e-3)[0],
        [one.requires_grad_() for one in given],
    )


def test_the_gradient_in_channels_last_is_the_same(pool):
    images, upstream = randn(3, 4, 2, 5), randn(3, 4, 2, 5, seed=3)
    found = []
    for layout in (torch.contiguous_format, torch.channels_last):
        x = images.clone().contiguous(memory_format=layout).requires_grad_()
        y = PooledNorm.apply(x, randn(4, seed=1), randn(4, seed=2), pool, 1e-5)[0]
        y.backward(upstream)
        found.append(x.grad)
    torch.testing.assert_close(*found)


def test_pooling_all_planes_gives_the_moments_of_all_values():
    images = randn(3, 4, 2, 5)
    _, mean, variance = centred(images)
    centre, spread = pooled(mean, variance, POOLS["everything"])
    torch.testing.assert_close(centre, images.mean().expand(3, 4))
    torch.testing.assert_close(spread, images.var(correction=0).expand(3, 4))


def test_the_moments_that_are_handed_out_carry_no_gradient(pool):
    _, mean, variance = PooledNorm.apply(
        randn(3, 4, 2, 5).requires_grad_(), randn(4), randn(4), pool, 1e-5
    )
    assert not mean.requires_grad
    assert not variance.requires_grad


def test_the_images_themselves_are_left_as_they_were(pool):
    images = randn(3, 4, 2, 5).requires_grad_()
    before = images.detach().clone()
    PooledNorm.apply(images, randn(4), randn(4), pool, 1e-5)[0].sum().backward()
    assert images.equal(before)


def test_moments_are_at_least_fp32():
    for dtype, wide in [
        (torch.bfloat16, torch.float32),
        (torch.float16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ]:
        assert {one.dtype for one in centred(randn(1, 2, 3, 3).to(dtype))} == {wide}


def test_constant_moments_of_the_batch_itself_give_the_norm_of_the_batch():
    images, gain, bias = randn(3, 4, 2, 5), randn(4, seed=1), randn(4, seed=2)
    y, mean, variance = PooledNorm.apply(images, gain, bias, over_images, 1e-5)
    torch.testing.assert_close(normalise(images, mean[0], variance[0], gain, bias, 1e-5), y)
