"""Laws of saved networks."""

import hashlib
import json
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

from assay.fault import Fault
from assay.models.saved import load, load_network, save, save_weights, weights_hash

CPU = torch.device("cpu")
META = {
    "classes": ["a, b", "ü\n😀"],
    "shape": [1, 8, 8],
    "source_shape": [1, 9, 9],
    "fit": "crop",
    "mean": [0.5],
    "deviation": [0.25],
    "hash": "not kept",
}
PLAN = {
    "model": {"arch": "resnet18", "norm": "bn"},
    "train": {"epochs": 7, "batch_size": 4, "lr": 0.1},
    "augment": {"affine": {"scale": [0.9, 1.1]}},
    "normalise": "dataset",
}
CONFIG = {"plan": PLAN, "seed": 3, "last_epoch": 7, "best_epoch": 2}


@pytest.fixture
def trained(network):
    """A network whose running statistics are its own, and its best state: the half of it."""
    one = network("resnet18", (1, 8, 8), 2).to(memory_format=torch.channels_last)
    one(torch.randn(8, 1, 8, 8))
    return one, {name: value / 2 for name, value in one.state_dict().items()}


@pytest.fixture
def folder(trained, tmp_path):
    save(*trained, CONFIG, META, tmp_path / "models" / "a-0")
    return tmp_path / "models" / "a-0"


def test_a_network_read_back_gives_the_same_logits(trained, folder):
    images = torch.randn(3, 1, 8, 8)
    network, best = trained
    saved = load(folder)
    for weights, state in [("last", network.state_dict()), ("best", best)]:
        network.load_state_dict(dict(state))
        again = load_network(folder, saved, weights, CPU)
        again.to(memory_format=torch.channels_last)
        assert again(images).equal(network.eval()(images))


def test_all_that_is_needed_beside_the_weights_is_read_back(folder):
    saved = load(folder)
    assert saved.plan.model.arch == "resnet18"
    assert saved.plan.augment.affine.scale == (0.9, 1.1)
    assert saved.classes == META["classes"]
    assert saved.meta == {name: META[name] for name in saved.meta}
    assert set(saved.meta) == {"shape", "source_shape", "fit", "mean", "deviation"}
    assert saved.epochs == {"last": 7, "best": 2}


def test_kept_epochs_are_copied_and_can_be_loaded(trained, tmp_path):
    network, best = trained
    file = tmp_path / "epoch-004.safetensors"
    save_weights(best, file)
    save(network, best, CONFIG, META, tmp_path / "b", [file])
    saved = load(tmp_path / "b")
    assert saved.epochs == {"last": 7, "best": 2, "epoch-004": 4}
    again = load_network(tmp_path / "b", saved, "epoch-004", CPU)
    assert all(value.equal(best[name]) for name, value in again.state_dict().items())


def test_the_same_network_is_the_same_bytes_whatever_its_memory_format(trained, folder, tmp_path):
    network, best = trained
    save(network.to(memory_format=torch.contiguous_format), best, CONFIG, META, tmp_path / "b")
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_whoever_may_read_other_files_may_read_the_weights(folder):
    assert len({file.stat().st_mode for file in folder.iterdir()}) == 1


def test_the_name_of_a_run_is_the_hash_of_its_last_weights(trained, folder, tmp_path):
    network, best = trained
    expected = hashlib.sha256((folder / "last.safetensors").read_bytes()).hexdigest()
    assert weights_hash(folder) == expected
    assert save(network, network.state_dict(), CONFIG, META, tmp_path / "b") == expected
    network.load_state_dict(best)
    assert save(network, best, CONFIG, META, tmp_path / "c") != expected


def test_reading_runs_no_pickle(folder, monkeypatch):
    def refuse(*words, **more):
        raise AssertionError("a pickle was read")

    monkeypatch.setattr(torch, "load", refuse)
    monkeypatch.setattr(pickle, "load", refuse)
    monkeypatch.setattr(pickle, "Unpickler", refuse)
    load_network(folder, load(folder), "last", CPU)
    assert {path.suffix for path in folder.iterdir()} == {".safetensors", ".json"}


def test_a_network_is_read_back_without_drawing_weights_and_without_the_file_it_started_from(
    trained, tmp_path, monkeypatch
):
    started = PLAN | {"model": PLAN["model"] | {"weights": "weights/gone.pth"}}
    save(*trained, CONFIG | {"plan": started | {"weights_hash": "0" * 64}}, META, tmp_path)

    def refuse(self, *words, **more):
        assert self.is_meta, "memory was filled with random numbers"
        return self

    monkeypatch.setattr(torch.Tensor, "normal_", refuse)
    network = load_network(tmp_path, load(tmp_path), "last", CPU)
    assert all(weight.requires_grad for weight in network.parameters())
    assert network(torch.zeros(1, 1, 8, 8)).isfinite().all()


def test_weights_of_another_precision_are_read_as_fp32(folder):
    path = folder / "last.safetensors"
    save_file({name: value.bfloat16() for name, value in load_file(path).items()}, path)
    network = load_network(folder, load(folder), "last", CPU)
    assert {value.dtype for value in network.state_dict().values()} == {torch.float32}


def cut(path):
    path.write_bytes(path.read_bytes()[:-1000])


def scribble(path):
    path.write_bytes(b"\x80\x04 this is no safetensors file")


def foreign(path):
    save_file({"weight": torch.zeros(3)}, path)


def another_head(path):
    state = load_file(path)
    save_file(state | {"fc.weight": torch.zeros(9, 512), "fc.bias": torch.zeros(9)}, path)


def gone(path):
    path.unlink()


@pytest.mark.parametrize("damage", [cut, scribble, foreign, another_head, gone])
def test_weights_that_do_not_load_are_refused_by_name(folder, damage):
    damage(folder / "best.safetensors")
    with pytest.raises(Fault, match=r"best\.safetensors: these weights do not load") as told:
        load_network(folder, load(folder), "best", CPU)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 500


def test_foreign_weights_are_told_from_damaged_ones(folder):
    another_head(folder / "best.safetensors")
    with pytest.raises(Fault, match=r"size mismatch for fc\.weight"):
        load_network(folder, load(folder), "best", CPU)


def changed(name, value):
    def change(folder):
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {name: value}))

    return change


def without(name):
    def change(folder):
        config = json.loads((folder / "config.json").read_text())
        del config[name]
        (folder / "config.json").write_text(json.dumps(config))

    return change


def text(name, content):
    return lambda folder: (folder / name).write_bytes(content)


DAMAGES = {
    "no config": lambda folder: (folder / "config.json").unlink(),
    "no classes": lambda folder: (folder / "classes.json").unlink(),
    "no JSON": text("config.json", b"{"),
    "no text": text("config.json", b"\xff\xfe"),
    "a list": text("config.json", b"[]"),
    "no plan": without("plan"),
    "no shape": without("shape"),
    "unknown network": changed("plan", PLAN | {"model": {"arch": "alexnet"}}),
    "unknown key": changed("plan", PLAN | {"color": "red"}),
    "a shape in words": changed("shape", "x"),
    "sides without end": changed("shape", [1, 10_000_000, 10_000_000]),
    "a mean too many": changed("mean", [0.1, 0.2]),
    "one class": text("classes.json", b'["a"]'),
    "a class twice": text("classes.json", b'["a", "a"]'),
    "classes that are numbers": text("classes.json", b"[1, 2]"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_folder_that_is_no_saved_model_is_refused_in_one_line(folder, damage):
    DAMAGES[damage](folder)
    with pytest.raises(Fault, match=r"a-0: no saved model .*; name a folder like") as told:
        load(folder)
    assert "\n" not in str(told.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Fault, match="no saved model"):
        load(tmp_path / "nowhere")
