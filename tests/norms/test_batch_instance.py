"""Laws of batch-instance normalisation."""

import pytest
import torch
from torch import nn

from assay.norms.batch import BatchNorm
from assay.norms.batch_instance import BatchInstanceNorm
from assay.norms.instance import InstanceNorm

SHAPES = [(4, 16, 5, 7), (1, 4, 3, 9), (3, 12, 1, 6)]
ONE_ROUNDING = {"rtol": 2**-8, "atol": 1e-5}


def randn(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def norm(channels, gate=None):
    one = BatchInstanceNorm(channels, eps=1e-3, momentum=0.3)
    if gate is not None:
        nn.init.constant_(one.gate, gate)
    return one


class Textbook(nn.Module):
    """The paper's formula in torch's own norms."""

    def __init__(self, channels):
        super().__init__()
        self.weight, self.bias = (
            nn.Parameter(torch.ones(channels)),
            nn.Parameter(torch.ones(channels)),
        )
        self.gate = nn.Parameter(torch.ones(channels))
        self.batch = nn.BatchNorm2d(channels, eps=1e-3, momentum=0.3, affine=False)
        self.instance = nn.InstanceNorm2d(channels, eps=1e-3)

    def get_buffer(self, name):
        return self.batch.get_buffer(name)

    def forward(self, images):
        gain, bias, gate = (one[:, None, None] for one in (self.weight, self.bias, self.gate))
        return gain * (gate * self.batch(images) + (1 - gate) * self.instance(images)) + bias


@pytest.mark.parametrize(("dtype", "near"), [(torch.float32, {}), (torch.bfloat16, ONE_ROUNDING)])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_papers_formula(alike, layout, shape, dtype, near):
    images = randn(*shape).mul(3).add(2).to(dtype).contiguous(memory_format=layout)
    alike(norm(shape[1]), Textbook(shape[1]), images, **near)


def test_it_is_the_papers_formula_in_evaluation_too(alike, layout):
    own, reference = norm(5), Textbook(5)
    for name in ("running_mean", "running_var"):
        numbers = randn(5).square() + 1
        own.get_buffer(name).copy_(numbers)
        reference.get_buffer(name).copy_(numbers)
    alike(own.eval(), reference.eval(), randn(3, 5, 4, 6).contiguous(memory_format=layout))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("gate", [0, 1])
def test_at_gate_1_it_is_batch_norm_and_at_gate_0_instance_norm(gate, training):
    other = BatchNorm(4, eps=1e-3, momentum=0.3) if gate else InstanceNorm(4, eps=1e-3)
    own, images = norm(4, gate), randn(3, 4, 5, 6) * 2 + 1
    for step in range(2):  # the second sees running statistics that have moved
        torch.testing.assert_close(own(images), other.train()(images), msg=f"step {step}")
    own.train(training)
    torch.testing.assert_close(own(images), other.train(training)(images))
    if gate:
        torch.testing.assert_close(own.running_var, other.running_var)


def test_the_gate_starts_at_1():
    assert norm(7).gate.equal(torch.ones(7))


def test_the_gate_gets_a_gradient_that_tells_the_two_apart():
    own, images = norm(4, 0.5), randn(3, 4, 5, 6)
    by_batch = BatchNorm(4, eps=1e-3, momentum=0.3)(images).detach()
    (own(images) - by_batch).square().sum().backward()
    assert (own.gate.grad < 0).all()  # descent moves it up, towards the batch


def test_on_planes_of_one_pixel_the_batchs_half_is_left():
    images = randn(6, 3, 1, 1)
    by_batch = BatchNorm(3, eps=1e-3, momentum=0.3)(images)
    torch.testing.assert_close(norm(3, 0.25)(images), 0.25 * by_batch)
