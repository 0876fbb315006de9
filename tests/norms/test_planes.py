"""Laws of the passes over images."""

import pytest
import torch

from assay.norms.planes import affine, combine, moments, sums

SHAPES = [
    (1, 1, 1, 1),
    (2, 3, 5, 7),
    (3, 65, 4, 4),
    (2, 16, 1, 1),
    (1, 2, 300, 260),
    (2, 512, 7, 7),
]
DTYPES = [torch.float32, torch.float64, torch.bfloat16]


def randn(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.fixture(params=DTYPES, ids=str)
def dtype(request):
    return request.param


@pytest.fixture(params=SHAPES, ids=str)
def images(request, dtype, layout):
    return (randn(*request.param) * 3 + 2).to(dtype).contiguous(memory_format=layout)


def numbers(like, rows, seed):
    wide = torch.promote_types(like.dtype, torch.float32)
    return randn(rows, like.shape[1], seed=seed).to(wide)


def exact(x):
    return x.double()


def near(one, other, size=1.0):
    """Equal but for rounding: of the type of `one`, after arithmetic in fp32 at least."""
    relative = {torch.float64: 1e-12, torch.float32: 1e-5, torch.bfloat16: 2**-8}[one.dtype]
    torch.testing.assert_close(exact(one), other, rtol=relative, atol=relative * size)


def test_moments_are_those_of_each_plane(images):
    mean, variance = moments(images)
    near(mean, exact(images).mean((2, 3)), 5)
    near(variance, exact(images).var((2, 3), correction=0), 9)


@pytest.mark.parametrize("shared", [False, True])
def test_affine_scales_and_shifts_each_plane(images, shared):
    rows = 1 if shared else len(images)
    centre, scale, shift = (numbers(images, rows, seed) for seed in (1, 2, 3))
    y = affine(images, centre, scale, shift)
    wanted = [exact(one)[:, :, None, None] for one in (centre, scale, shift)]
    assert y.dtype == images.dtype
    assert y.stride() == images.stride()
    near(y, (exact(images) - wanted[0]) * wanted[1] + wanted[2], 10)


def test_sums_are_those_of_the_upstream_gradient_and_of_its_product(images):
    upstream = randn(*images.shape, seed=4).to(images.dtype)
    centre = numbers(images, len(images), 1)
    total, product = sums(images, upstream, centre)
    area = images.shape[2] * images.shape[3]
    near(total, exact(upstream).sum((2, 3)), area)
    rest = exact(images) - exact(centre)[:, :, None, None]
    near(product, (exact(upstream) * rest).sum((2, 3)), 5 * area)


@pytest.mark.parametrize("shared", [False, True])
def test_combine_adds_up_gradient_and_image(images, shared):
    upstream = randn(*images.shape, seed=4).to(images.dtype)
    centre = numbers(images, len(images), 1)
    of = tuple(numbers(images, 1 if shared else len(images), seed) for seed in (1, 2, 3))
    a, b, d, m = (exact(one)[:, :, None, None] for one in (*of, centre))
    dx = combine(images, upstream, centre, of)
    near(dx, a * exact(upstream) + b * (exact(images) - m) + d, 20)


def test_bf16_is_rounded_as_torch_rounds_it(layout):
    values = torch.arange(2**16, dtype=torch.int32).to(torch.int16).view(torch.bfloat16)
    values = values[values.isfinite()].float()
    between = torch.cat([values * (1 + 2**-8), values * (1 + 2**-9), values * (1 + 3 * 2**-9)])
    grid = between[: between.numel() // 6 * 6].view(1, 6, -1, 1).contiguous(memory_format=layout)
    one, nothing = torch.ones(1, 6), torch.zeros(1, 6)
    narrow = grid.bfloat16()
    assert affine(narrow, nothing, one, nothing).equal(narrow)
    upstream = torch.zeros_like(narrow)
    of = (one, nothing, nothing)
    assert combine(upstream, narrow, nothing, of).equal(narrow)
    odd = torch.tensor([1.0, 1 + 2**-7]).view(1, 2, 1, 1).bfloat16()
    half = torch.full((1, 2), 2**-8)  # half of the last place: ties go to the even one
    assert affine(odd, nothing[:, :2], one[:, :2], half).float().view(-1).tolist() == [
        1.0,
        1 + 2**-6,
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_stays_so(layout, dtype, value):
    images = torch.zeros(2, 3, 4, 4, dtype=dtype).contiguous(memory_format=layout)
    images[1, 2, 3, 3] = value
    wide = torch.promote_types(dtype, torch.float32)
    one, nothing = torch.ones(1, 3, dtype=wide), torch.zeros(1, 3, dtype=wide)
    y = affine(images, nothing, one, nothing)
    torch.testing.assert_close(y, images, equal_nan=True)
    mean, variance = moments(images)
    assert not mean[1, 2].isfinite()
    assert variance[1, 2].isnan()
    assert mean[0].equal(torch.zeros(3, dtype=wide))


@pytest.mark.parametrize("bits", [0x7FFFFFFF, -1, 0x7FC00001])
def test_what_is_no_number_is_none_in_bf16_whatever_its_bits(layout, bits):
    """Rounded as a number, the first would be -0, and the second 0."""
    images = torch.ones(2, 3, 4, 4).bfloat16().contiguous(memory_format=layout)
    one, nothing = torch.ones(1, 3), torch.zeros(1, 3)
    strange = torch.full((1, 3), bits, dtype=torch.int32).view(torch.float32)
    assert affine(images, nothing, one, strange).isnan().all()
    assert combine(images, images, nothing, (one, nothing, strange)).isnan().all()


@pytest.mark.parametrize("mean", [0.0, 5.0, 1000.0, -3e4])
def test_a_large_mean_costs_the_variance_no_accuracy(layout, mean):
    images = (randn(2, 3, 60, 60) + mean).float().contiguous(memory_format=layout)
    variance = exact(images).var((2, 3), correction=0)
    torch.testing.assert_close(exact(moments(images)[1]), variance, rtol=1e-4, atol=0)


@pytest.mark.parametrize("where", [0, 1, 7, 100])
def test_one_extreme_pixel_costs_the_variance_no_accuracy(layout, where):
    images = randn(1, 2, 90, 90).float().contiguous(memory_format=layout)
    images[0, 1, where // 90, where % 90] = 1e4
    variance = exact(images).var((2, 3), correction=0)
    torch.testing.assert_close(exact(moments(images)[1]), variance, rtol=1e-3, atol=0)


@pytest.mark.parametrize("value", [0.1, 7.3, -1e5])
def test_a_plane_of_constants_has_no_variance(layout, dtype, value):
    images = torch.full((2, 3, 9, 11), value).to(dtype).contiguous(memory_format=layout)
    mean, variance = moments(images)
    assert not variance.any()
    assert exact(mean).equal(exact(images[:, :, 0, 0]))


def test_numbers_of_other_channels_are_refused_before_memory_is_passed():
    images, own, few = torch.ones(2, 4, 3, 3), torch.ones(1, 4), torch.ones(1, 3)
    for call in (
        lambda: affine(images, own, few, own),
        lambda: sums(images, images, few),
        lambda: combine(images, images, own, (own, own, few)),
    ):
        with pytest.raises(ValueError, match="4 channels, and a norm of 3"):
            call()
