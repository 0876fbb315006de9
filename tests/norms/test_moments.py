"""Laws of pooled moments, whatever the pool: the fast way is the formula, gradient included."""

import pytest
import torch

from assay.norms.moments import formula, normalise, rescale, with_moments
from assay.norms.pools import Known, Pool

SHAPES = [(3, 4, 2, 3), (2, 4, 1, 5), (1, 4, 3, 3), (2, 4, 220, 310)]
NEAR = {
    torch.float64: {"rtol": 1e-9, "atol": 1e-9},
    torch.float32: {"rtol": 1e-4, "atol": 1e-4},
    torch.bfloat16: {"rtol": 2**-7, "atol": 2**-7},  # one rounding each
}


def randn(*shape, seed=0, dtype=torch.float64):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=random, dtype=torch.float64).to(dtype)


def known(dtype):
    return Known(randn(4, seed=5, dtype=dtype), randn(4, seed=6, dtype=dtype).square())


POOLS = {
    "images": lambda _: [Pool(True, 4)],
    "planes": lambda _: [Pool(False, 4)],
    "all channels": lambda _: [Pool(False, 1)],
    "two groups": lambda _: [Pool(False, 2)],
    "images and groups": lambda _: [Pool(True, 2)],
    "known": lambda dtype: [known(dtype)],
    "images and planes": lambda _: [Pool(True, 4), Pool(False, 4)],
    "known and planes": lambda dtype: [known(dtype), Pool(False, 4)],
}


@pytest.fixture(params=POOLS)
def pools(request):
    return POOLS[request.param]


def terms(weights, pools):
    return list(zip(weights, pools, strict=True))


@pytest.mark.parametrize("shape", [(3, 4, 2, 3), (2, 4, 1, 5)])
def test_the_gradient_written_down_is_the_gradient(pools, layout, shape):
    chosen = pools(torch.float64)
    images = randn(*shape).contiguous(memory_format=layout)
    given = [images, randn(4, seed=1), *(randn(4, seed=2 + i) for i in range(len(chosen)))]
    torch.autograd.gradcheck(
        lambda x, bias, *weights: normalise(x, bias, terms(weights, chosen), 1e-3),
        [one.requires_grad_() for one in given],
    )


def test_the_gradient_of_a_rescaling_is_the_gradient(layout):
    images = randn(3, 4, 2, 3).contiguous(memory_format=layout)
    given = [images, randn(4, seed=1), randn(4, seed=2)]
    centre = randn(4, seed=3)
    torch.autograd.gradcheck(
        lambda x, scale, shift: rescale(x, centre, scale, shift),
        [one.requires_grad_() for one in given],
    )


def alone_too(images, bias, terms, eps):
    """`normalise` has a way of its own for images that meet no other."""
    _, mean, variance = with_moments(images, bias, terms, eps)
    return normalise(images, bias, terms, eps), mean, variance


def run(compute, images, bias, weights, upstream):
    """Output, moments and gradients."""
    given = [one.clone().requires_grad_() for one in (images, bias, *weights)]
    y, mean, variance = compute(given[0], given[1], given[2:])
    return [y, mean, variance, *torch.autograd.grad(y, given, upstream)]


@pytest.mark.parametrize("how", [with_moments, alone_too])
@pytest.mark.parametrize("dtype", NEAR)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_compiled_passes_are_the_formula(pools, layout, shape, dtype, device, how):
    wide = torch.promote_types(dtype, torch.float32)
    chosen = [
        Known(*(numbers.to(device) for numbers in pool)) if isinstance(pool, Known) else pool
        for pool in pools(wide)
    ]
    images, upstream = (randn(*shape, seed=seed).to(device) * 2 + 1 for seed in (1, 2))
    images, upstream = (
        one.to(dtype).contiguous(memory_format=layout) for one in (images, upstream)
    )
    bias, *weights = (randn(4, seed=3 + i, dtype=wide).to(device) for i in range(len(chosen) + 1))
    found, expected = (
        run(lambda x, b, w, one=one: one(x, b, terms(w, chosen), 1e-3), *given)
        for one, given in [
            (how, (images, bias, weights, upstream)),
            (formula, (images, bias, weights, upstream)),
        ]
    )
    assert found[0].dtype == found[3].dtype == dtype
    for one, other in zip(found, expected, strict=True):
        narrow = NEAR[dtype if one.dtype == dtype else torch.float32]
        scale = other.abs().max().item() + 1e-30
        torch.testing.assert_close(one / scale, other.expand_as(one) / scale, **narrow)


def test_equal_images_give_equal_bytes_whatever_the_threads(pools, layout):
    images = randn(3, 4, 90, 50, dtype=torch.float32).contiguous(memory_format=layout)
    chosen = pools(torch.float32)
    given = images, randn(4, dtype=torch.float32), [torch.ones(4)] * len(chosen), images
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            found.append(run(lambda x, b, w: with_moments(x, b, terms(w, chosen), 1e-5), *given))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert all(
        one.equal(other) for again in found[1:] for one, other in zip(found[0], again, strict=True)
    )


def test_torch_compile_and_export_see_the_formula(pools):
    class Norm(torch.nn.Module):
        def forward(self, images):
            chosen = pools(torch.float64)
            ones = [torch.ones(4, dtype=torch.float64)] * len(chosen)
            return normalise(images, ones[0], terms(ones, chosen), 1e-3)

    images = randn(3, 4, 5, 6)
    exported = torch.export.export(Norm(), (images,)).module()
    torch.testing.assert_close(exported(images), Norm()(images))


def test_torch_export_sees_how_images_are_rescaled():
    class Rescaled(torch.nn.Module):
        def forward(self, images):
            return rescale(images, *(torch.arange(1.0, 5.0) * k for k in (1, 2, 3)))

    images = randn(3, 4, 5, 6, dtype=torch.float32)
    exported = torch.export.export(Rescaled(), (images,)).module()
    torch.testing.assert_close(exported(images), Rescaled()(images))


@pytest.mark.parametrize("squeeze", [slice(None, None, 2), slice(1, 6)])
def test_images_that_are_no_dense_block_of_memory_are_normalised_all_the_same(squeeze):
    images = randn(3, 4, 7, 7, dtype=torch.float32)[:, :, squeeze].requires_grad_()
    assert not images.is_contiguous()
    y = normalise(images, torch.zeros(4), [(torch.ones(4), Pool(True, 4))], 1e-5)
    (dx,) = torch.autograd.grad(y, images, y.detach() ** 2)
    dense = images.detach().contiguous().requires_grad_()
    z = normalise(dense, torch.zeros(4), [(torch.ones(4), Pool(True, 4))], 1e-5)
    (dz,) = torch.autograd.grad(z, dense, z.detach() ** 2)
    torch.testing.assert_close((y, dx), (z, dz))


def test_an_upstream_gradient_in_another_memory_format_is_understood(layout):
    images = randn(3, 4, 5, 6).contiguous(memory_format=layout).requires_grad_()
    y = normalise(images, torch.zeros(4).double(), [(torch.ones(4).double(), Pool(False, 1))], 1e-5)
    upstream = randn(3, 4, 5, 6, seed=1)
    found = [
        torch.autograd.grad(y, images, upstream.contiguous(memory_format=one), retain_graph=True)
        for one in (torch.contiguous_format, torch.channels_last)
    ]
    assert found[0][0].equal(found[1][0])


def test_the_images_themselves_are_left_as_they_were(pools, layout):
    images = randn(3, 4, 2, 5).contiguous(memory_format=layout).requires_grad_()
    before = images.detach().clone()
    chosen = pools(torch.float64)
    ones = [torch.ones(4).double()] * len(chosen)
    normalise(images, ones[0], terms(ones, chosen), 1e-5).sum().backward()
    assert images.equal(before)


def test_known_moments_of_the_batch_itself_give_the_norm_of_the_batch():
    images, gain, bias = randn(3, 4, 2, 5), randn(4, seed=1), randn(4, seed=2)
    y, mean, variance = with_moments(images, bias, [(gain, Pool(True, 4))], 1e-5)
    again = normalise(images, bias, [(gain, Known(mean[0], variance[0]))], 1e-5)
    torch.testing.assert_close(again, y)
    scale = gain * (variance[0] + 1e-5).rsqrt()
    torch.testing.assert_close(rescale(images, mean[0], scale, bias), y)
