"""Laws of CIFAR-10's batches, each damaged one told by name, and pickles that would run code."""

import builtins
import os
import pickle
import pickletools
import struct

import numpy as np
import pytest
from data.sources.conftest import store

from assay.data.sources import cifar10, inert_pickle
from assay.fault import Fault

EACH = 3
CLASSES = ["plane", "a, b", "🐸 <b>"]
META = {"label_names": CLASSES, "num_cases_per_batch": EACH, "num_vis": 3072}
STORAGES = ["folder", "tar", "tar.gz", "zip"]
OFFICIAL = "cifar-10-batches-py/"


def batch(number, **changes):
    data = np.random.default_rng(number).integers(0, 256, (EACH, 3072), np.uint8)
    return {"batch_label": f"batch {number}", "labels": [number % 3, 1, 0], "data": data} | changes


def files(**changes):
    """The official files, some of them changed; None leaves one out."""
    made = {name: batch(i) for i, name in enumerate(cifar10.BATCHES)} | {"batches.meta": META}
    made = {name: changes.get(name.replace(".", "_"), value) for name, value in made.items()}
    return {
        name: value if isinstance(value, bytes) else pickle.dumps(value, 2)
        for name, value in made.items()
        if value is not None
    } | {"readme.html": b"<html>"}


@pytest.fixture
def cifar(tmp_path):
    """Keys of `data` for files."""

    def cifar(made, storage="folder", top=""):
        return {"format": "cifar10", "path": str(store(tmp_path, made, storage, top))}

    return cifar


@pytest.fixture
def told(cifar):
    """What is told of the data set with some files changed, without the root's path."""

    def told(**changes):
        data = cifar(files(**changes))
        with pytest.raises(Fault) as fault:
            list(cifar10.read(cifar10.Data(**data)).images)
        line = str(fault.value)
        assert "\n" not in line
        assert "; " in line
        return line.removeprefix(data["path"]).lstrip("/: ")

    return told


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("top", ["", OFFICIAL])
def test_images_come_in_official_order_with_the_names_of_their_classes(found, cifar, storage, top):
    backwards = dict(reversed(files().items()))
    if storage == "folder":
        backwards = {top + name: content for name, content in backwards.items()}
    images = found(**cifar(backwards, storage, top))
    assert [image.place for image in images] == list(range(18))
    assert [image.split for image in images] == ["train"] * 15 + ["test"] * 3
    assert images[4][:4] == (4, "data_batch_2:2", "train", "a, b")
    assert [image.label for image in images[::3]] == CLASSES * 2
    pixels = np.stack([image.image for image in images]).transpose(0, 3, 1, 2).reshape(6, 3, -1)
    assert np.array_equal(pixels, [batch(number)["data"] for number in range(6)])


def test_the_classes_keep_the_order_of_the_meta_file(cifar):
    reading = cifar10.read(cifar10.Data(**cifar(files())))
    assert (reading.classes, reading.total) == (CLASSES, 18)


@pytest.mark.parametrize("protocol", range(5))
@pytest.mark.parametrize("module", ["numpy.core", "numpy._core"])
def test_arrays_of_old_and_new_numpy_and_every_protocol_are_read(protocol, module):
    value = batch(7)
    data = pickle.dumps(value, protocol)
    if protocol < 4:
        data = data.replace(b"cnumpy._core.", f"c{module}.".encode())
    read = {inert_pickle.text(k): v for k, v in inert_pickle.read_pickle(data, "x").items()}
    assert read["labels"] == value["labels"]
    assert np.array_equal(inert_pickle.bytes_array(read["data"]), value["data"])


@pytest.mark.parametrize("name", [*cifar10.BATCHES, "batches.meta"])
def test_a_missing_file_is_told_by_name(told, name):
    line = told(**{name.replace(".", "_"): None})
    assert line.startswith(f"no {name} in it; download CIFAR-10's Python version")


@pytest.mark.parametrize(("changes", "what"), [
    ({"data": np.zeros((EACH, 3071), np.uint8)}, "data are 3x3071, not 3x3072 bytes; "),
    ({"data": np.zeros((EACH + 1, 3072), np.uint8)}, "data are 4x3072, not 3x3072 bytes; "),
    ({"data": np.zeros((EACH, 3, 32, 32), np.uint8)}, "data are 3x3x32x32, not 3x3072 bytes; "),
    ({"data": np.zeros((EACH, 3072), np.float32)}, "data are something else, not 3x3072 bytes; "),
    ({"data": np.zeros((3072, EACH), np.uint8).T}, "data are something else, not "),
    ({"data": [0] * 3072}, "data are something else, not "),
    ({"data": np.uint8}, "wants to call numpy.uint8, "),
    ({"labels": [0, 1]}, "2 labels for 3 images; "),
    ({"labels": None}, "no labels for 3 images; "),
    ({"labels": [0, 1, 3]}, "row 3: 3 is no label; there are 3 classes, from 0"),
    ({"labels": [0, -1, 2]}, "row 2: -1 is no label; "),
    ({"labels": [True, 1, 2]}, "row 1: True is no label; "),
    ({"labels": ["0", 1, 2]}, "row 1: "),
])  # fmt: skip
@pytest.mark.parametrize("name", ["data_batch_3", "test_batch"])
def test_a_batch_that_is_not_whole_is_told_by_name(told, name, changes, what):
    line = told(**{name: batch(1, **changes)})
    assert line.startswith(f"{name}: {what}")


@pytest.mark.parametrize("key", ["data", "labels"])
def test_a_missing_key_is_told(told, key):
    value = batch(1)
    del value[key]
    assert told(data_batch_2=value).startswith(f"data_batch_2: no {key} in it; ")
    assert told(data_batch_2=[1]).startswith("data_batch_2: no data and labels in it; ")


@pytest.mark.parametrize("changes", [
    {"label_names": []}, {"label_names": ["a"]}, {"label_names": ["a", "a"]},
    {"label_names": [1, 2]}, {"label_names": "ab"}, {"num_cases_per_batch": 0},
    {"num_cases_per_batch": "3"},
])  # fmt: skip
def test_a_meta_file_without_classes_or_count_is_told(told, changes):
    line = told(batches_meta=META | changes)
    assert line.startswith("batches.meta: names no classes, each once, or no count; ")


@pytest.mark.parametrize("keep", [0, 5, 50, 0.5, 0.99])
def test_a_truncated_pickle_is_told(told, keep):
    whole = pickle.dumps(batch(1), 2)
    cut = whole[: int(keep if keep > 1 else keep * len(whole))]
    assert told(data_batch_1=cut).startswith("data_batch_1: a damaged pickle (")


class Call:
    """Pickled as a call of a function."""

    def __init__(self, function, *given):
        self.call = function, given

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(5))
@pytest.mark.parametrize("make", [
    lambda path: Call(os.system, f"touch {path}"),
    lambda path: Call(builtins.eval, f"open({str(path)!r}, 'w')"),
    lambda path: Call(builtins.exec, f"open({str(path)!r}, 'w')"),
    lambda path: Call(open, str(path), "w"),
    lambda path: Call(pickle.loads, pickle.dumps(Call(open, str(path), "w"))),
    lambda path: Call(np.save, str(path), 1),
])  # fmt: skip
def test_a_pickle_that_would_create_a_file_does_not(told, tmp_path, make, protocol):
    proof = tmp_path / "proof.npy"
    value = pickle.dumps(batch(1, extra=make(proof)), protocol)
    line = told(data_batch_1=value)
    assert line.startswith("data_batch_1: wants to call ")
    assert ", and no code of a pickle is run; " in line
    assert not proof.exists()
    pickle.loads(value)  # the proof that it is one
    assert proof.exists()


@pytest.mark.parametrize("name", [
    "numpy.core.multiarray\nfromstring", "numpy\nload", "numpy\n_reconstruct",
    "numpy\nndarray.tofile", "_codecs\ndecode", "_codecs\nregister",
    "builtins\nlist", "copyreg\n_reconstructor",
])  # fmt: skip
def test_names_near_those_of_arrays_are_refused_too(name):
    with pytest.raises(Fault, match="wants to call"):
        inert_pickle.read_pickle(b"c" + name.encode() + b"\n.", "x")


ARRAY = b"cnumpy._core.multiarray\n_reconstruct\n"
TYPE = b"cnumpy\ndtype\n(X\x02\x00\x00\x00u1tR"


def noted(shape, kind=TYPE, content=b"U\x02ab", fortran=b"I00\n"):
    """A pickle of an array whose state is as given."""
    return ARRAY + b"(tR(I1\n" + shape + kind + fortran + content + b"tb."


def test_an_array_noted_by_hand_is_read():
    value = inert_pickle.read_pickle(noted(b"(I1\nI2\nt"), "x")
    assert inert_pickle.bytes_array(value).tolist() == [[97, 98]]


@pytest.mark.parametrize("data", [
    noted(b"(I1000000000000\nI1000000000000\nt"), noted(b"(I-1\nI-2\nt"), noted(b"(I3\nt"),
    noted(b"(t"), noted(b"N"), noted(b"(F2.0\nt"), noted(b"(I01\nI2\nt"),
    noted(b"(I2\nt", kind=b"N"), noted(b"(I2\nt", kind=b"cnumpy\ndtype\n(tR"),
    noted(b"(I2\nt", kind=b"cnumpy\ndtype\n(X\x02\x00\x00\x00O8tR"),
    noted(b"(I2\nt", kind=ARRAY + b"(X\x02\x00\x00\x00u1tR"), noted(b"(I2\nt", content=b"I2\n"),
    noted(b"(I2\nt", content=b"(I1\nI2\nl"), noted(b"(I2\nt", content=b"c_codecs\nencode\n(tR"),
    noted(b"(I2\nt", content=b"c_codecs\nencode\n(I5\ntR"), noted(b"(I2\nt", fortran=b"I01\n"),
    ARRAY + b"(tR.", ARRAY + b".", ARRAY + b"(tR(I1\ntb.", ARRAY + b")\x81.",
    b"cnumpy\nndarray\n(tR(I1\n(I2\nt" + TYPE + b"I00\nU\x02abtb.", b"N.", b"I5\n.", b"(l.",
])  # fmt: skip
def test_stand_ins_that_are_misused_are_no_array(data):
    assert inert_pickle.bytes_array(inert_pickle.read_pickle(data, "x")) is None


@pytest.mark.parametrize("data", [
    ARRAY + b"(N(X\x0c\x00\x00\x00__setstate__N" + b"dtb.",  # the class itself is told a state
    ARRAY + b"}X\x05\x00\x00\x00givenI1\nsb.",
    ARRAY + b"(tR(I1\ne.", ARRAY + b"(tRI1\nI2\ns.", ARRAY + b"(tRI1\na.",
    b"\x80\x05\x8e" + struct.pack("<Q", 2**62) + b"x.", b"\x80\x04\x96" + struct.pack("<Q", 2**62),
    b"P1\n.", b"\x82\x01.", b"t.", b"h\x05.", b"\x80\x63.",
])  # fmt: skip
def test_opcodes_that_reach_for_more_are_a_damaged_pickle(data):
    before = dict(vars(inert_pickle.Note))
    with pytest.raises(Fault, match="a damaged pickle"):
        inert_pickle.read_pickle(data, "x")
    assert dict(vars(inert_pickle.Note)) == before


def test_the_names_that_a_batch_needs_are_known():
    opcodes = pickletools.genops(pickle.dumps(batch(1), 2))
    names = {given for opcode, given, _ in opcodes if opcode.name == "GLOBAL"}
    assert names <= {" ".join(name) for name in inert_pickle._NAMES}
