"""Laws of files that are old or new, never half."""

import hashlib
import json
import os

import pytest

from assay.files import (
    is_sealed,
    read_json,
    replacing,
    seal,
    sha256,
    write_json,
    write_text,
)


def names(folder):
    return [path.name for path in folder.iterdir()]


def half_written(path, error):
    with replacing(path) as beside:
        beside.write_text("half")
        raise error


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_while_writing_leaves_the_old_file_and_nothing_beside_it(tmp_path, error):
    path = tmp_path / "metrics.json"
    path.write_text("old")
    with pytest.raises(type(error)):
        half_written(path, error)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["metrics.json"]


def test_a_failure_in_a_first_writing_leaves_no_file_at_all(tmp_path):
    with pytest.raises(OSError, match="full"):
        half_written(tmp_path / "new.json", OSError("full"))
    assert names(tmp_path) == []


def test_readers_see_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "report.md"
    path.write_text("old")
    with path.open() as reader:
        with replacing(path) as beside:
            beside.write_text("new")
            assert path.read_text() == "old"
            assert beside.parent == path.parent  # a rename is atomic on one file system only
        assert reader.read() == "old"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["report.md"]


def test_missing_folders_are_made(tmp_path):
    write_text(tmp_path / "a" / "b" / "c.txt", "text")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "text"


def test_text_is_utf_8_with_the_line_feeds_that_were_given(tmp_path):
    write_text(tmp_path / "t", "é\n🦋\r\n")
    assert (tmp_path / "t").read_bytes() == "é\n🦋\r\n".encode()


def test_json_comes_back_as_it_was_written(tmp_path):
    value = {"label <é> 🦋": [1, 0.1, None, True, {"deep": []}], "0": 1e-300}
    write_json(tmp_path / "v.json", value)
    assert read_json(tmp_path / "v.json") == value


def test_equal_values_are_equal_bytes_in_whatever_order_they_were_made(tmp_path):
    write_json(tmp_path / "one", {"a": 1, "b": {"c": 2, "d": 3}})
    write_json(tmp_path / "two", {"b": {"d": 3, "c": 2}, "a": 1})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_json_does_not_know_is_refused_and_the_old_file_stays(tmp_path, value):
    write_json(tmp_path / "v.json", {"loss": 1.0})
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "v.json", {"loss": value})
    assert json.loads((tmp_path / "v.json").read_text()) == {"loss": 1.0}
    assert names(tmp_path) == ["v.json"]


def test_a_write_that_fails_names_the_file(tmp_path):
    with pytest.raises(OSError, match="full") as error:
        half_written(tmp_path / "new.json", OSError(28, "disk full"))
    assert error.value.filename == str(tmp_path / "new.json")


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path):
    path = tmp_path / "images.bin"
    gone = 2**22 + 1  # above the largest number that a process can have
    for owner in (gone, os.getppid(), "note"):
        (tmp_path / f".images.bin.{owner}").write_text("half")
    write_text(path, "whole")
    assert set(names(tmp_path)) == {"images.bin", f".images.bin.{os.getppid()}", ".images.bin.note"}


@pytest.mark.parametrize("content", [b"", b"one", bytes(2**20 + 1)])
def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    assert sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("content", [b"", b"1", bytes(1000)])
def test_a_sealed_file_tells_when_a_byte_has_changed(tmp_path, content):
    file = tmp_path / "file"
    file.write_bytes(content)
    assert not is_sealed(file)
    seal(file)
    assert is_sealed(file)
    sealed = file.read_bytes()
    for other in (sealed[:-1], sealed + b"1", sealed[:-1] + b"?", b"?" + sealed[1:]):
        file.write_bytes(other)
        assert not is_sealed(file)
