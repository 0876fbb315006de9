"""Compiled blocks train as others do, and leave nothing behind."""

import itertools

import pytest
import torch
from torch._inductor.exc import InductorError

from assay import models
from assay.fault import Fault
from assay.params.model import Model
from assay.params.train import Train
from assay.training.compiled import compiled
from assay.training.resume import Checkpoint
from assay.training.run import train

MODEL = {"arch": "cifar_resnet", "n": 1, "norm": "bn"}


@pytest.fixture
def real(plan):
    """A plan of a network with blocks."""

    def make(**words):
        made = plan(**{"epochs": 2, "batch_size": 8} | words)
        return made.model_copy(update={"model": Model.model_validate(MODEL)})

    return make


def test_compiled_blocks_learn_the_same_and_go_on_to_the_same_bits(real, toy, tmp_path):
    data = toy(24), toy(6, seed=1)
    plain, whole = train(real(), 0, *data), train(real(compile="default"), 0, *data)
    for ours, theirs in zip(whole.epochs, plain.epochs, strict=True):
        assert ours[:6] == pytest.approx(theirs[:6], rel=1e-3)
    assert whole.cost["warm_up_seconds"] > plain.cost["warm_up_seconds"] > 0
    assert all("forward" not in vars(part) for part in whole.network.modules())
    steps, kept = itertools.count(1), Checkpoint(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        train(real(compile="default"), 0, *data, kept=kept, interrupted=lambda: next(steps) == 4)
    resumed = train(real(compile="default"), 0, *data, kept=kept)
    assert resumed.epochs[0][:6] == whole.epochs[0][:6]
    for name, value in whole.network.state_dict().items():
        assert value.equal(resumed.network.state_dict()[name]), name


def test_what_cannot_be_compiled_is_told_in_a_line():
    network = models.build(Model.model_validate(MODEL), (3, 8, 8), 2, torch.Generator())
    error = InductorError(RuntimeError("No working C++ compiler found\nin the"), lambda: None)
    with (
        pytest.raises(Fault, match=r"^train.compile: default fails .*C\+\+ compiler found\); "),
        compiled(network, "default"),
    ):
        raise error
    assert all("forward" not in vars(part) for part in network.modules())


def test_a_network_without_blocks_is_compiled_as_a_whole():
    network = torch.nn.Sequential(torch.nn.Linear(2, 2))
    with compiled(network, "default"):
        assert "forward" in vars(network)


def test_gradients_do_not_add_up_in_replayed_memory():
    words = {"epochs": 1, "batch_size": 8, "lr": 0.1, "compile": "reduce-overhead"}
    assert Train(**words).accumulate == 1
    with pytest.raises(ValueError, match=r"set compile to default, or accumulate to 1"):
        Train(accumulate=2, **words)
