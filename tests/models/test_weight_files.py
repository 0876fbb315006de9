"""Weight files that hold something else are refused in one line, and none is run."""

import json
import os
import pickle
import struct
import zipfile

import pytest
import torch
from safetensors.torch import save_file

from assay.fault import Fault
from assay.models.weight_files import read_weights

STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2)}


class Shell:
    def __reduce__(self):
        return os.system, ("touch ran",)


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("name", ["a.pth", "a.pt"])
def test_what_torch_saves_is_read_in_its_new_and_old_format(tmp_path, name, new):
    torch.save(STATE, tmp_path / name, _use_new_zipfile_serialization=new)
    found = read_weights(tmp_path / name)
    assert all(found[key].equal(value) for key, value in STATE.items())


def test_parameters_are_weights(tmp_path):
    torch.save({"a": torch.nn.Parameter(torch.ones(2))}, tmp_path / "a.pth")
    assert read_weights(tmp_path / "a.pth")["a"].equal(torch.ones(2))


def test_safetensors_are_read(tmp_path):
    save_file(STATE, tmp_path / "a.safetensors")
    found = read_weights(tmp_path / "a.safetensors")
    assert all(found[key].equal(value) for key, value in STATE.items())


def saved(value, **how):
    return lambda path: torch.save(value, path, **how)


def cut(path):
    torch.save(STATE, path)
    path.write_bytes(path.read_bytes()[:-200])


def cut_old(path):
    torch.save(STATE, path, _use_new_zipfile_serialization=False)
    path.write_bytes(path.read_bytes()[:-10])


def compressed(path):
    torch.save({"a": torch.zeros(100_000)}, path)
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)


def header(length, text=b""):
    return lambda path: path.write_bytes(struct.pack("<Q", length) + text)


def claiming(shape, end):
    claim = {"a": {"dtype": "F32", "shape": shape, "data_offsets": [0, end]}}
    text = json.dumps(claim).encode()
    return header(len(text), text)


def plain(value):
    return lambda path: path.write_bytes(pickle.dumps(value))


REFUSED = {
    "code.pth": (saved({"a": Shell()}), r"wants to call (posix|nt)\.system"),
    "old code.pth": (
        saved({"a": Shell()}, _use_new_zipfile_serialization=False),
        r"wants to call (posix|nt)\.system",
    ),
    "plain code.pth": (plain(Shell()), r"no weights can be read|wants to call"),
    "network.pth": (saved(torch.nn.Linear(1, 1)), r"wants to call torch\.nn\.modules"),
    "list.pth": (saved([torch.ones(1)]), "no weights by name, but list"),
    "tensor.pth": (saved(torch.ones(1)), "no weights by name, but Tensor"),
    "empty.pth": (saved({}), "no weights by name, but nothing"),
    "wrapped.pth": (saved({"state_dict": STATE, "epoch": 3}), "'state_dict' is dict; save"),
    "number.pth": (saved(STATE | {"lr": 0.1}), "'lr' is float; save"),
    "numbered.pth": (saved({1: torch.ones(1)}), "'1' is Tensor; save"),
    "sparse.pth": (saved({"a": torch.ones(2).to_sparse()}), "'a' is no plain tensor"),
    "float8.pth": (
        saved({"a": torch.ones(2).to(torch.float8_e5m2)}),
        "'a' is torch.float8_e5m2",
    ),
    "float4.pth": (
        saved({"a": torch.zeros(2, dtype=torch.uint8).view(torch.float4_e2m1fn_x2)}),
        "'a' is torch.float4_e2m1fn_x2; save",
    ),
    "meta.pth": (saved({"a": torch.ones(2, device="meta")}), "'a' is no plain tensor"),
    "cut.pth": (cut, "no weights can be read"),
    "old cut.pth": (cut_old, "no weights can be read"),
    "nothing.pth": (lambda path: path.write_bytes(b""), "no weights can be read"),
    "text.pth": (lambda path: path.write_text("hello\nworld\n"), "no weights can be read"),
    "bomb.pth": (compressed, "a compressed archive"),
    "large.pth": (plain(bytearray(10)), "no weights"),
    "long.safetensors": (header(2**62), "no weights can be read"),
    "text.safetensors": (header(5, b"hello"), "no weights can be read"),
    "nothing.safetensors": (lambda path: path.write_bytes(b""), "no weights can be read"),
    "more.safetensors": (claiming([10**6], 4 * 10**6), "no weights can be read"),
    "other.safetensors": (claiming([10**12], 4), "no weights can be read"),
    "really a pickle.safetensors": (saved(STATE), "no weights can be read"),
    "none.safetensors": (lambda path: save_file({}, path), "no weights by name"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_holds_no_weights_is_refused_in_one_line(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    make, why = REFUSED[name]
    make(tmp_path / name)
    with pytest.raises(Fault, match=why) as told:
        read_weights(tmp_path / name)
    line = str(told.value)
    assert line.startswith(f"{tmp_path / name}: ")
    assert "\n" not in line
    assert len(line) - len(str(tmp_path)) < 300
    assert not (tmp_path / "ran").exists()
