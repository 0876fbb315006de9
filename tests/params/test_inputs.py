"""The data that the parameters name are looked for before anything is computed."""

from pathlib import Path

import pytest

from assay.fault import Fault
from assay.params.data import Data
from assay.params.inputs import must_be_there


@pytest.fixture(autouse=True)
def _data(tmp_path, monkeypatch):
    """A folder `raw` with a CSV, a folder and an archive in it, and the same CSV outside."""
    monkeypatch.chdir(tmp_path)
    Path("raw/pictures").mkdir(parents=True)
    for name in ("raw/a.csv", "raw/p.zip", "a.csv"):
        Path(name).touch()


def looked_for(**data):
    must_be_there(Data(**{"path": "raw", "labelled": "a.csv"} | data), "params.yaml")


def told(**data):
    with pytest.raises(Fault) as fault:
        looked_for(**data)
    return str(fault.value).removeprefix("params.yaml: ")


@pytest.mark.parametrize("images", [None, "pictures", "p.zip"])
def test_what_is_there_is_taken(images):
    looked_for(format="index_csv", images=images)
    looked_for(format="pixel_csv")


def test_a_path_that_leads_nowhere_is_told():
    assert told(format="pixel_csv", path="row").startswith("data.path: there is no row; ")


def test_a_relative_path_may_leave_the_study_and_not_the_repository(monkeypatch, tmp_path):
    inside = tmp_path / "repository/studies/one"
    inside.mkdir(parents=True)
    (tmp_path / "repository/.dvc").mkdir()
    (tmp_path / "raw").rename(tmp_path / "repository/studies/raw")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.csv").touch()
    monkeypatch.chdir(inside)
    looked_for(format="pixel_csv", path="../raw")
    line = told(format="pixel_csv", path="../../../outside")
    assert line.endswith(f"write {tmp_path / 'outside'}")
    looked_for(format="pixel_csv", path=str(tmp_path / "outside"))


@pytest.mark.parametrize(("key", "what"), [
    ("labelled", "file"), ("unlabelled", "file"), ("images", "folder or archive"),
])  # fmt: skip
def test_what_the_folder_lacks_is_told_by_its_key(key, what):
    line = told(format="index_csv", **{key: "absent"})
    assert line.startswith(f"data.{key}: there is no {what} raw/absent; ")


def test_a_csv_of_a_split_that_is_missing_is_told():
    line = told(format="pixel_csv", labelled={"train": "a.csv", "val": "b.csv"})
    assert line.startswith("data.labelled: there is no file raw/b.csv; ")


@pytest.mark.parametrize("kind", ["pixel_csv", "index_csv"])
def test_what_is_told_of_a_csv_in_place_of_its_folder_mends_it(kind):
    assert told(format=kind, path="raw/a.csv") == (
        f"data.path: raw/a.csv is a file, and {kind} wants its folder; write data.path: raw, and "
        "name the file in data.labelled"
    )
    looked_for(format=kind, path="raw", labelled="a.csv")


def test_the_folder_of_the_experiment_is_never_what_to_write():
    assert "; move it into a folder, as data/raw, write" in told(format="pixel_csv", path="a.csv")


def test_an_archive_is_not_looked_into():
    looked_for(format="index_csv", path="raw/p.zip", images="pictures", unlabelled="u.csv")
    assert "wants its folder" in told(format="pixel_csv", path="raw/p.zip")
