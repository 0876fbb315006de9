"""Two processes train as one does, and go on from where they were."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from assay.fault import Fault
from assay.params.train import Train
from assay.refusals import Shortage
from assay.training.distributed import ALONE, Team, said_by_another, team
from assay.training.run import train

WORDS = {"epochs": 1, "lr": 0.1}
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What tests/training/two.py writes."""
    file = tmp_path_factory.mktemp("two") / "found.pt"
    words = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d"]
    words += ["--rdzv-endpoint", "localhost:0", "--log-dir", file.parent]
    words += [Path(__file__).with_name("two.py"), file]
    environment = {k: v for k, v in os.environ.items() if k != "DVC_ROOT"}
    subprocess.run(
        [sys.executable, *map(str, words)], check=True, capture_output=True, env=environment
    )
    return torch.load(file)


def test_two_processes_take_the_steps_of_one(found, plan, toy, small_network):
    """But for the order of sums, with a norm that keeps images apart."""
    alone = train(plan("gn", epochs=2, batch_size=8), 0, toy(50), toy(9, seed=1))
    for name, value in alone.network.state_dict().items():
        assert torch.allclose(found["plain"]["state"][name], value, atol=1e-5), name
    for ours, theirs in zip(found["plain"]["epochs"], alone.epochs, strict=True):
        assert ours == pytest.approx(list(theirs[:6]), abs=1e-5)


def test_two_processes_that_are_stopped_after_many_steps_end_in_the_same_bits(found):
    whole, resumed = found["whole"], found["resumed"]
    assert resumed["epochs"] == whole["epochs"]
    for part in ("state", "best"):
        assert resumed[part].keys() == whole[part].keys()
        for name, value in whole[part].items():
            assert resumed[part][name].equal(value), name


def test_two_processes_change_equal_images_each_in_their_own_way(found):
    first, second = found["seen"]
    assert first.shape == second.shape
    assert not first.equal(second)


def test_only_memory_that_is_short_here_is_told_by_others_than_the_first():
    with said_by_another():
        raise Fault("the same in all processes")
    with pytest.raises(Shortage), said_by_another():
        raise Shortage("here alone")


@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_parts_of_a_batch_are_the_batch(size):
    batch = torch.arange(24).view(12, 2)
    parts = [Team(rank, size).part(batch) for rank in range(size)]
    assert torch.cat(parts).equal(batch)
    assert len({len(part) for part in parts}) == 1


def test_alone_a_network_is_itself():
    network = nn.Linear(2, 2)
    assert ALONE.joined(network) is network
    assert ALONE.leads
    assert ALONE.told(lambda: "this") == "this"


def test_another_number_of_processes_than_asked_for_is_refused(monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(Fault, match=r"train.processes: 4 are asked for, .* started 2;"):
        team(4, CPU).__enter__()


@pytest.mark.parametrize(("batch", "processes"), [(64, 5), (4, 4), (9, 2)])
def test_processes_that_cannot_share_a_batch_are_refused(batch, processes):
    with pytest.raises(ValueError, match=rf"batch_size {batch} allows 1"):
        Train(batch_size=batch, processes=processes, **WORDS)
