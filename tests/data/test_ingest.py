"""Laws of reading every image of the source once."""

import numpy as np
import pytest

from assay.data.ingest import ingest
from assay.data.ingested import open_ingested
from assay.data.sources import pixel_csv
from assay.fault import Fault
from assay.params.data import Data


@pytest.fixture
def data(write_csv, pixels, tmp_path):
    """Three labelled images, then two without labels; the second and the last are equal."""
    images = pixels(5, 1, 4, 4)
    images[4] = images[1]
    write_csv(images[:3], ["10", "9", "10"], "l.csv")
    write_csv(images[3:], name="u.csv")
    data = Data(format="pixel_csv", path=str(tmp_path), labelled="l.csv", unlabelled="u.csv")
    return data, images


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_images_and_index_stand_in_file_order_the_unlabelled_last(data, tmp_path):
    given, images = data
    ingest(given, tmp_path / "out")
    got = open_ingested(tmp_path / "out")
    assert np.array_equal(got.images, images)
    assert got.table["source"].tolist() == ["labelled"] * 3 + ["unlabelled"] * 2
    assert got.table["row"].tolist() == [0, 1, 2, 0, 1]
    assert got.table["label"].fillna("none").tolist() == ["10", "9", "10", "none", "none"]
    assert got.classes == ["9", "10"]


def test_hashes_are_equal_exactly_where_images_are(data, tmp_path):
    ingest(data[0], tmp_path / "out")
    hashes = open_ingested(tmp_path / "out").table["hash"]
    assert hashes[1] == hashes[4]
    assert hashes.nunique() == 4


def test_ingesting_in_small_blocks_leaves_the_same_bytes(data, tmp_path, monkeypatch):
    ingest(data[0], tmp_path / "one")
    monkeypatch.setattr(pixel_csv, "BLOCK", 150)
    ingest(data[0], tmp_path / "many")
    assert files(tmp_path / "one") == files(tmp_path / "many")


def test_a_fault_leaves_what_was_ingested_before(data, tmp_path):
    given, _ = data
    ingest(given, tmp_path / "out")
    before = files(tmp_path / "out")
    with (tmp_path / "u.csv").open("a") as file:
        file.write("1,2\n")
    with pytest.raises(Fault, match=r"u.csv: row 3 has 2 values"):
        ingest(given, tmp_path / "out")
    assert files(tmp_path / "out") == before


def test_a_single_class_is_refused_since_nothing_can_be_learned(write_csv, pixels, tmp_path):
    write_csv(pixels(2, 1, 2, 2), ["cat", "cat"], "l.csv")
    data = Data(format="pixel_csv", path=str(tmp_path), labelled="l.csv")
    with pytest.raises(Fault, match=r"l.csv: every label is 'cat'; two classes or more are needed"):
        ingest(data, tmp_path / "out")
