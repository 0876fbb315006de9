"""A variant trains again exactly when the content of the file it starts from has changed."""

import pytest
from pipeline.test_mistakes import only_line
from safetensors.torch import load_file, save_file


@pytest.fixture
def tuned(repository):
    """The finished repository with a variant that starts from a copy of `plain`'s weights."""
    save(repository, load_file(repository.folder / "models/plain-0/last.safetensors"))
    repository.succeed("dvc", "add", "weights/a.safetensors")
    params = repository.params()
    tuning = {"weights": "weights/a.safetensors", "replace_head": True, "freeze": "backbone"}
    params["variants"]["tuned"] = {"model": tuning}
    repository.write_params(params)
    return repository


def save(repository, state):
    path = repository.folder / "weights/a.safetensors"
    path.unlink(missing_ok=True)  # DVC made it a link into its cache
    save_file(state, path)


def test_a_variant_trains_again_when_its_weights_change_and_others_do_not(tuned):
    assert tuned.repro("train").stages == {"plan", "train@tuned-0"}
    (tuned.folder / "weights/another.pth").write_bytes(b"not read")
    assert tuned.repro("train").stages == {"plan"}
    state = load_file(tuned.folder / "weights/a.safetensors")
    save(tuned, state | {"conv1.weight": state["conv1.weight"] + 1})
    tuned.succeed("dvc", "add", "weights/a.safetensors")
    tuned.commit()
    told = tuned.succeed("dvc", "exp", "run", "--temp", "train")
    assert told.stages == {"plan", "train@tuned-0"}


def test_missing_weights_end_in_plan(tuned):
    tuned.succeed("dvc", "remove", "weights/a.safetensors.dvc")
    (tuned.folder / "weights/a.safetensors").unlink()
    line = only_line(tuned.call("dvc", "repro"))
    assert "model.weights of tuned: weights/a.safetensors is no file; put it there and" in line
