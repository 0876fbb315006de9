"""What each norm ignores: other images, other channels, scale and shift; for odd shapes too."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from assay.norms.batch import BatchNorm
from assay.norms.batch_instance import BatchInstanceNorm
from assay.norms.group import GroupNorm
from assay.norms.instance import InstanceNorm
from assay.norms.layer import LayerNorm

GROUPS = 2


def mixed(channels, *, eps):
    norm = BatchInstanceNorm(channels, eps=eps, momentum=0.1)
    nn.init.uniform_(norm.gate, 0.2, 0.8)
    return norm


NORMS = {
    "bn": lambda channels, eps: BatchNorm(channels, eps=eps, momentum=0.1),
    "in": lambda channels, eps: InstanceNorm(channels, eps=eps),
    "bin": lambda channels, eps: mixed(channels, eps=eps),
    "ln": lambda channels, eps: LayerNorm(channels, eps=eps),
    "gn": lambda channels, eps: GroupNorm(channels, groups=GROUPS, eps=eps),
}
ALONE = ["in", "ln", "gn"]  # an image meets no other
BY_CHANNEL = ["bn", "in", "bin"]


class Case(NamedTuple):
    shape: tuple[int, int, int, int]
    layout: torch.memory_format
    seed: int

    def images(self, more=0):
        random = torch.Generator().manual_seed(self.seed + more)
        images = torch.randn(self.shape, generator=random, dtype=torch.float64)
        return images.contiguous(memory_format=self.layout)

    def factors(self, shape):
        random = torch.Generator().manual_seed(self.seed + 7)
        return 0.2 + 5 * torch.rand(shape, generator=random, dtype=torch.float64)

    def norm(self, name, eps=0.0):
        torch.manual_seed(self.seed)
        norm = NORMS[name](self.shape[1], eps).double()
        for one in (norm.weight, norm.bias):
            nn.init.normal_(one, 1, 0.5)
        return norm


cases = st.builds(
    Case,
    st.tuples(
        st.integers(2, 4),
        st.integers(1, 5).map(lambda pairs: GROUPS * pairs),
        st.integers(1, 9),
        st.integers(2, 9),
    ),
    st.sampled_from([torch.contiguous_format, torch.channels_last]),
    st.integers(0, 2**31),
)
few = settings(deadline=None, max_examples=25)


@pytest.mark.parametrize("name", ALONE)
@few
@given(cases, st.data())
def test_an_image_is_normalised_whatever_the_other_images(name, case, data):
    images, others, norm = case.images(), case.images(1), case.norm(name, 1e-5)
    one = data.draw(st.integers(0, len(images) - 1))
    others[one] = images[one]
    assert norm(others)[one].equal(norm(images)[one])
    torch.testing.assert_close(norm(images[one : one + 1])[0], norm(images)[one])


@pytest.mark.parametrize("name", ["bn", "bin"])
@few
@given(cases)
def test_the_batch_matters_in_training_and_not_in_evaluation(name, case):
    images, others, norm = case.images(), case.images(1), case.norm(name, 1e-5)
    others[0] = images[0]
    assert not torch.allclose(norm(others)[0], norm(images)[0])
    norm.eval()
    assert norm(others)[0].equal(norm(images)[0])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", BY_CHANNEL)
@few
@given(cases, st.data())
def test_a_channel_is_normalised_whatever_the_other_channels(name, training, case, data):
    images, others = case.images(), case.images(1)
    norm = case.norm(name, 1e-5).train(training)
    channel = data.draw(st.integers(0, images.shape[1] - 1))
    others[:, channel] = images[:, channel]
    assert norm(others)[:, channel].equal(norm(images)[:, channel])


@few
@given(cases, st.integers(0, GROUPS - 1))
def test_a_group_is_normalised_whatever_the_other_groups(case, group):
    images, others, norm = case.images(), case.images(1), case.norm("gn", 1e-5)
    width = images.shape[1] // GROUPS
    own = slice(group * width, (group + 1) * width)
    others[:, own] = images[:, own]
    assert norm(others)[:, own].equal(norm(images)[:, own])


@few
@given(cases)
def test_layer_norm_meets_every_channel(case):
    images, others, norm = case.images(), case.images(1), case.norm("ln", 1e-5)
    others[:, 1:] = images[:, 1:]
    assert not torch.allclose(norm(others)[:, 1:], norm(images)[:, 1:])


def orbit(name, shape):
    """The shape of what a norm ignores: one scale and one shift for each of its pools."""
    n, c = shape[:2]
    return {"bn": (1, c), "bin": (1, c), "in": (n, c), "ln": (n, 1), "gn": (n, GROUPS)}[name]


@pytest.mark.parametrize("name", NORMS)
@few
@given(cases)
def test_scale_and_shift_of_a_pool_are_ignored(name, case):
    n, c, h, w = case.shape
    assume(n * h * w > 2)
    images, norm = case.images(), case.norm(name)
    rows, pools = orbit(name, case.shape)
    factors, offsets = (
        one.repeat_interleave(c // pools, 1)[:, :, None, None]
        for one in (case.factors((rows, pools)), 5 - case.factors((rows, pools)))
    )
    moved = (images * factors + offsets).contiguous(memory_format=case.layout)
    torch.testing.assert_close(norm(moved), norm(images), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["ln", "gn", "bn", "bin"])
@few
@given(cases)
def test_scale_of_less_than_a_pool_matters(name, case):
    """A plane is less than the pool of all norms but the instance's."""
    assume(case.shape[1] > GROUPS and case.shape[2] * case.shape[3] > 2)
    images, norm = case.images(), case.norm(name)
    moved = images.clone()
    moved[0, 0] *= 3
    assert not torch.allclose(norm(moved), norm(images))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", NORMS)
@few
@given(cases)
def test_the_memory_format_is_kept_and_changes_no_number(name, training, case):
    found = []
    for layout in (torch.contiguous_format, torch.channels_last):
        images = case.images().contiguous(memory_format=layout).requires_grad_()
        y = case.norm(name, 1e-5).train(training)(images)
        y.backward(case.images(1))
        assert y.stride() == images.grad.stride() == images.stride()
        found.append((y, images.grad))
    torch.testing.assert_close(*found)


@pytest.mark.parametrize("name", sorted(set(NORMS) - {"bin"}))  # a mixture has no pool of its own
@few
@given(cases)
def test_each_pool_comes_out_with_mean_0_and_variance_1(name, case):
    norm = case.norm(name)
    nn.init.ones_(norm.weight)
    nn.init.zeros_(norm.bias)
    n, c, h, w = case.shape
    y = norm(case.images() * 7 + 3)
    rows, pools = orbit(name, case.shape)
    pooled = y.reshape(n, pools, c // pools * h * w)
    pooled = pooled.transpose(0, 1).reshape(pools, -1) if rows == 1 else pooled.flatten(0, 1)
    ones = torch.ones(len(pooled), dtype=torch.float64)
    torch.testing.assert_close(pooled.mean(1), 0 * ones)
    torch.testing.assert_close(pooled.var(1, correction=0), ones)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", NORMS)
def test_a_plane_of_constants_comes_out_finite_with_finite_gradients(name, layout, training):
    norm = NORMS[name](4, 1e-5).train(training)
    images = torch.full((2, 4, 5, 5), 7.1).bfloat16().contiguous(memory_format=layout)
    y = norm(images.requires_grad_())
    y.float().square().sum().backward()
    assert y.isfinite().all()
    assert images.grad.isfinite().all()
    if training:
        assert y.equal(torch.zeros_like(y))  # each is its own mean: the bias is left


@pytest.mark.parametrize("name", NORMS)
def test_bf16_images_of_a_large_mean_are_normalised_to_one_rounding(name, layout):
    random = torch.Generator().manual_seed(0)
    images = (torch.randn(8, 4, 9, 9, generator=random) * 0.1 + 5).bfloat16()
    images = images.contiguous(memory_format=layout)
    torch.manual_seed(0)
    norm = NORMS[name](4, 1e-5)
    y = norm(images)
    expected = norm.double()(images.double())
    torch.testing.assert_close(y.double(), expected, rtol=2**-8, atol=1e-5)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", NORMS)
def test_weights_in_bf16_are_those_numbers(name, layout, training):
    case = Case((3, 4, 6, 6), layout, 0)
    narrow = case.norm(name, 1e-5).bfloat16().train(training)
    exact = NORMS[name](4, 1e-5).train(training)
    exact.load_state_dict(narrow.state_dict())
    found = []
    for norm in (narrow, exact):
        images = case.images().bfloat16().requires_grad_()
        y = norm(images)
        y.backward(case.images(1).bfloat16())
        weights = [one.grad.float() for one in norm.parameters()]
        assert y.dtype == torch.bfloat16
        found.append([y.float(), images.grad.float(), *weights])
    torch.testing.assert_close(*found, rtol=2**-5, atol=2**-5)


@pytest.mark.parametrize("name", NORMS)
def test_autocast_changes_nothing(name):
    images = torch.randn(4, 4, 6, 6)
    torch.manual_seed(0)
    plain, cast = NORMS[name](4, 1e-5), NORMS[name](4, 1e-5)
    cast.load_state_dict(plain.state_dict())
    with torch.autocast("cpu", torch.bfloat16):
        y = cast(images)
    assert y.equal(plain(images))
    for one, other in zip(cast.state_dict().values(), plain.state_dict().values(), strict=True):
        assert one.dtype == torch.float32
        assert one.equal(other)
