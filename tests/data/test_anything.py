"""Laws of reading images to be classified: of any kind, and with their labels left aside."""

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data.sources.conftest import STORAGES, store

from assay.data.anything import read_any
from assay.fault import Fault


def read(path, shape=None, **words):
    reading = read_any(path, **{"label": "label", "image": "filepaths", "shape": shape} | words)
    everything = list(reading.images)
    assert reading.total in {None, len(everything)}
    found = sorted(image for image in everything if not isinstance(image, Fault))
    assert all(image.split is None and image.label is None for image in found)
    return [(image.name, image.image) for image in found], [
        str(fault) for fault in everything if isinstance(fault, Fault)
    ]


@pytest.fixture
def told(tmp_path):
    def told(path, **words):
        with pytest.raises(Fault) as fault:
            read(path, **words)
        line = str(fault.value)
        assert line.startswith(str(tmp_path))
        assert "; " in line
        return line.removeprefix(f"{tmp_path}/")

    return told


@pytest.mark.parametrize("name", ["x.jpg", "no ending", "x.tiff"])
def test_a_file_is_an_image_whatever_its_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"bytes")
    assert read(tmp_path / name) == ([(name, b"bytes")], [])


@pytest.mark.parametrize("storage", STORAGES)
def test_folders_and_archives_are_read_to_any_depth(tmp_path, storage):
    files = {"b/c/d/2.jpg": b"2", "a.jpg": b"1", "b/0.png": b"0", ".hidden": b"", "empty/": b""}
    found, faults = read(store(tmp_path, files, storage, top=""))
    assert found == [("a.jpg", b"1"), ("b/0.png", b"0"), ("b/c/d/2.jpg", b"2")]
    assert not faults


@pytest.mark.parametrize("label", [True, False])
@pytest.mark.parametrize("shape", [(1, 4, 4), (4, 2, 2), [1, 2, 8], None])
@pytest.mark.parametrize("name", ["i.csv", "i.csv.gz"])
def test_a_csv_of_pixels_is_read_with_or_without_labels(tmp_path, pixels, label, shape, name):
    images = pixels(3, *(shape or (1, 4, 4)))
    table = images.reshape(3, -1).astype(str)
    names = [f"p{i}" for i in range(16)]
    if label:
        table, names = np.insert(table, 5, "0x10", axis=1), [*names[:5], "label", *names[5:]]
    text = "\n".join(",".join(row) for row in [names, *table]).encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    found, _ = read(tmp_path / name, shape)
    assert [name for name, _ in found] == [f"{name}:{row}" for row in (1, 2, 3)]
    assert np.array_equal([image.transpose(2, 0, 1) for _, image in found], images)


def test_a_csv_of_paths_counts_them_from_its_own_folder(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ["a.jpg", "b/c.jpg"]:
        (tmp_path / name).write_bytes(name.encode())
    text = "label,filepaths\n,c.jpg\nx,../a.jpg\nx,none.jpg\nx,\nx\nx,c.jpg\n"
    (tmp_path / "b" / "i.csv").write_text(text)
    found, faults = read(tmp_path / "b" / "i.csv")
    assert found == [("c.jpg", b"b/c.jpg"), ("../a.jpg", b"a.jpg"), ("c.jpg", b"b/c.jpg")]
    assert [fault.removeprefix(f"{tmp_path}/b/").partition("; ")[0] for fault in faults] == [
        "i.csv: row 4: no path of an image", "i.csv: row 5: 1 values, the header has 2",
        "none.jpg: no such file, or a link that leads nowhere",
    ]  # fmt: skip


@pytest.mark.parametrize("blank", ["", " "])
def test_a_csv_of_pixels_may_have_a_column_of_labels_without_any(tmp_path, blank):
    (tmp_path / "i.csv").write_text("label,a,b,c,d\n" + f"{blank},1,2,3,4\nx,5,6,7,8\n")
    (_, first), (_, second) = read(tmp_path / "i.csv", (1, 2, 2))[0]
    assert [*first.flat, *second.flat] == [*range(1, 9)]
    (tmp_path / "i.csv").write_text(f"label,a,b,c,d\n{blank},1,2,3,4\nx,5,6,7,888\n")
    with pytest.raises(Fault, match="row 2, column 'd': '888' is not a pixel value"):
        read(tmp_path / "i.csv", (1, 2, 2))


def test_a_path_that_no_file_can_have_is_told_and_the_others_are_read(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "i.csv").write_text("filepaths\na\0b\na\n")
    found, [fault] = read(tmp_path / "i.csv")
    assert found == [("a", b"1")]
    assert fault.endswith("i.csv: row 1: a path with a NUL character; correct it")


def test_the_column_of_paths_may_have_any_name(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "i.csv").write_text("bild\na\n")
    assert read(tmp_path / "i.csv", image="bild") == ([("a", b"1")], [])


@pytest.mark.parametrize("column", ["image", "filepaths"])
def test_a_parquet_file_needs_no_labels(tmp_path, column):
    table = pa.table({column: [b"1", None, b"3"], "label": [None, 5, -1]})
    pq.write_table(table, tmp_path / "x.parquet")
    found, (fault,) = read(tmp_path / "x.parquet")
    assert found == [("x.parquet:1", b"1"), ("x.parquet:3", b"3")]
    assert "x.parquet: row 2: no bytes of an image; " in fault


def test_what_cannot_be_read_is_told(tmp_path, told):
    (tmp_path / "empty").mkdir()
    (tmp_path / "i.csv").write_text("Filepaths,more\na,b\n")
    (tmp_path / "p.csv").write_text(",".join(f"p{i}" for i in range(17)) + "\n" + "1," * 16 + "1\n")
    (tmp_path / "x.parquet").write_bytes(b"text")
    (tmp_path / "x.zip").write_bytes(b"text")
    assert told(tmp_path / "empty").startswith("empty: no file in it; ")
    assert told(tmp_path / "i.csv").endswith("; did you mean Filepaths? name it in --image")
    assert told(tmp_path / "p.csv", shape=(1, 4, 4)).startswith("p.csv: 17 pixel columns, but ")
    assert told(tmp_path / "none.csv").startswith("none.csv: no such file; ")
    assert told(tmp_path / "x.parquet").startswith("x.parquet: not a whole Parquet file (")
    assert told(tmp_path / "x.zip").startswith("x.zip: not a whole zip archive (")
    (_, (fault,)) = read(tmp_path / "none.jpg")
    assert fault.startswith(f"{tmp_path}/none.jpg: no such file, or a link that leads nowhere; ")
