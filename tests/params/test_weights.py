"""Weights to start from are there, where DVC sees them change, and their content is planned."""

import hashlib
from pathlib import Path

import pytest

from assay.fault import Fault
from assay.params.experiment import understand
from assay.params.weights import with_hashes


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("weights/deep").mkdir(parents=True)


def hashed(params, **variants):
    params["variants"] = {name: {"model": model} for name, model in variants.items()}
    return with_hashes(understand(params, "params.yaml").plans, "params.yaml")


def test_a_plan_knows_the_content_of_its_own_weights_and_no_other(params):
    Path("weights/a.pth").write_bytes(b"one")
    Path("weights/deep/b.safetensors").write_bytes(b"two")
    plans = hashed(
        params, a={"weights": "weights/a.pth"}, b={"weights": "weights/deep/b.safetensors"}, c={}
    )
    assert plans["a"].weights_hash == hashlib.sha256(b"one").hexdigest()
    assert plans["b"].weights_hash == hashlib.sha256(b"two").hexdigest()
    assert plans["c"].weights_hash is None


def test_a_file_that_several_variants_share_is_read_once(params, monkeypatch):
    Path("weights/a.pth").write_bytes(b"one")
    seen = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *w: seen.append(w) or digest(*w))
    hashed(params, a={"weights": "weights/a.pth"}, b={"weights": "weights/a.pth", "norm": "gn"})
    assert len(seen) == 1


@pytest.mark.parametrize(("name", "what"), [
    ("weights/none.pth", "weights/none.pth is no file"),
    ("weights/folder.pt", "weights/folder.pt is a folder"),
    ("weights/linked/a.pth", "weights/linked/a.pth lies in a linked folder"),
])  # fmt: skip
def test_what_is_no_file_that_dvc_hashes_is_refused(params, tmp_path, name, what):
    (tmp_path / "weights/folder.pt").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.pth").write_bytes(b"one")
    (tmp_path / "weights/linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Fault) as told:
        hashed(params, net={"weights": name})
    assert str(told.value).startswith(f"params.yaml: model.weights of net: {what}")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("name", "why"), [
    ("/tmp/a.pth", "lies outside the folder weights"),
    ("models/a-0/last.safetensors", "lies outside the folder weights"),
    ("weights/../a.pth", "lies outside the folder weights"),
    ("a.pth", "name weights/a.pth and run `dvc add weights/a.pth`"),
    ("weights/a.onnx", "is no weight file; name a .safetensors, .pt or .pth"),
    ("weights", "is no weight file"), ("", "is no weight file"),
])  # fmt: skip
def test_only_weight_files_in_their_folder_are_named(params, name, why):
    params["model"]["weights"] = name
    with pytest.raises(Fault) as told:
        understand(params, "params.yaml")
    assert str(told.value).startswith(f"params.yaml: model.weights: {name!r}")
    assert why in str(told.value)


@pytest.mark.parametrize(("key", "value", "why"), [
    ("replace_head", True, "true, but model.weights names no file"),
    ("freeze", "backbone", "backbone would train the last layer on random features"),
])  # fmt: skip
def test_what_needs_weights_is_refused_without_them(params, key, value, why):
    params["variants"] = {"net": {"model": {key: value}}}
    with pytest.raises(Fault, match=rf"variants\.net\.model\.{key}: {why}"):
        understand(params, "params.yaml")
    params["variants"]["net"]["model"]["weights"] = "weights/a.pth"
    understand(params, "params.yaml")


def test_freezing_is_a_word_and_no_switch(params):
    params["model"]["freeze"] = False
    with pytest.raises(Fault, match=r"model\.freeze: false is not known; none\?"):
        understand(params, "params.yaml")
