"""Laws of CSVs that list images, and each bad row told by file and number."""

import csv
import gzip
import io

import pytest
from data.sources.conftest import STORAGES, store
from hypothesis import given
from hypothesis import strategies as some

from assay.data.sources import csv_text, index_rows
from assay.fault import on_one_line
from assay.params import yaml12

COLUMNS = index_rows.Columns("filepaths", "labels", None)

LABELS = ["7", "a, b", 'say "x"', "two\nlines", "🦋 <b>&", " é ", "NA", "null", "1e3", "01", "a/b"]


@pytest.fixture
def index(tmp_path):
    """Keys of `data` for CSVs, and images of which each holds its own name."""

    def index(csvs, names, storage="folder", top="", **data):
        files = {name: name.encode() for name in names} | {
            name: text if isinstance(text, bytes) else text.encode() for name, text in csvs.items()
        }
        path = str(store(tmp_path, files, storage, top))
        return {"format": "index_csv", "path": path, "labelled": "i.csv"} | data

    return index


@pytest.fixture
def told(index, faults):
    """The only line told of the rows of a CSV, of which one is bad; the others are found."""

    def told(rows, images="abc", header="filepaths,labels", **data):
        lines, names = faults(**index({"i.csv": f"{header}\n{rows}"}, images, **data))
        assert len(lines) == 1
        assert len(names) == rows.count("good")
        return lines[0].partition("i.csv: ")[2]

    return told


def as_csv(rows, end="\n"):
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["i.csv", "i.csv.gz"])
def test_labels_of_any_characters_come_through_however_lines_end(found, index, end, start, name):
    rows = [[f"x/{i}.jpg", i, label] for i, label in enumerate(LABELS)]
    content = start + as_csv([["filepaths", "more", "labels"], *rows], end)
    content = gzip.compress(content) if name.endswith("gz") else content
    images = found(**index({name: content}, [row[0] for row in rows], labelled=name))
    assert images == [
        (i, f"x/{i}.jpg", None, label, f"x/{i}.jpg".encode()) for i, label in enumerate(LABELS)
    ]


@given(some.lists(some.text(min_size=1).filter(str.strip), min_size=1))
def test_any_text_is_a_label(labels):
    labels = [label.encode(errors="replace").decode() for label in labels]
    rows = [["filepaths", "labels"], *([str(i), label] for i, label in enumerate(labels))]
    text = as_csv(rows, "\r\n")  # with "\n" the writer of Python 3.11 leaves "\r" without quotes
    with csv_text.text_of(io.BytesIO(text), "i.csv") as opened:
        read = list(index_rows.rows(opened, "i.csv", COLUMNS))
    assert [row.label for row in read] == labels


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("top", ["", "top/"])
def test_each_split_may_have_a_file_and_places_run_through_them(found, index, storage, top):
    csvs = {
        "t.csv": "filepaths,labels\nz.jpg,x\na.jpg,y\n", "v.csv": "labels,filepaths\nx,b.jpg\n",
        "u.csv": "filepaths\nc/d.jpg\n",
    }  # fmt: skip
    files = {"labelled": {"train": "t.csv", "val": "v.csv"}, "unlabelled": "u.csv"}
    names = ["a.jpg", "b.jpg", "c/d.jpg", "not listed.txt", "z.jpg"]
    assert found(**index(csvs, names, storage, top, **files)) == [
        (0, "z.jpg", "train", "x", b"z.jpg"),
        (1, "a.jpg", "train", "y", b"a.jpg"),
        (2, "b.jpg", "val", "x", b"b.jpg"),
        (3, "c/d.jpg", "unlabelled", None, b"c/d.jpg"),
    ]


def test_a_column_may_name_the_split_in_any_case(found, index):
    content = as_csv([["class index", "filepaths", "labels", "data set"]] + [
        [0, f"{i}", "x", split]
        for i, split in enumerate(["train", "Valid", "TEST", "val", " validation "])
    ])  # fmt: skip
    images = found(**index({"i.csv": content}, "01234", split="data set"))
    assert [image.split for image in images] == ["train", "val", "test", "val", "val"]


def test_columns_may_have_any_names(found, index):
    data = index({"i.csv": "bild,art\na,x\n"}, "a", image="bild", label="art")
    assert [image[1:4] for image in found(**data)] == [("a", None, "x")]


@pytest.mark.parametrize("storage", STORAGES)
def test_the_images_may_lie_in_an_archive_beside_the_csv(found, tmp_path, storage):
    folder = tmp_path / "data"
    folder.mkdir()
    path = store(tmp_path, {"a/1.jpg": b"1"}, storage).rename(folder / f"images.{storage}")
    (folder / "i.csv").write_text("filepaths,labels\na/1.jpg,x\n")
    images = found(format="index_csv", path=str(folder), labelled="i.csv", images=path.name)
    assert images == [(0, "a/1.jpg", None, "x", b"1")]


@pytest.mark.parametrize("storage", STORAGES)
def test_the_images_may_lie_in_a_folder_of_the_same_storage(found, index, storage):
    csvs = {"lists/i.csv": "filepaths,labels\n1.jpg,x\n"}
    data = index(csvs, ["all/1.jpg"], storage, images="all/", labelled="lists/i.csv")
    assert [image.name for image in found(**data)] == ["1.jpg"]


@pytest.mark.parametrize("path", ["./a", "x//a", "x/./a", "x/a"])
def test_a_path_may_be_written_in_more_ways_than_one(found, index, path):
    images = found(**index({"i.csv": f"filepaths,labels\n{path},y\n"}, ["a", "x/a"]))
    assert images[0].image == (b"a" if path == "./a" else b"x/a")


def test_empty_lines_are_no_rows(found, index):
    images = found(**index({"i.csv": "filepaths,labels\n\na,x\n\r\n\nb,y\n\n"}, "ab"))
    assert [image.place for image in images] == [0, 1]


@pytest.mark.parametrize(("row", "what"), [
    ("none,x", "none is not in "), ("A,x", "A is not in "),
    ("../b,x", "../b may lie outside the data"), ("x/../b,x", "x/../b may lie outside the data"),
    ("/b,x", "/b is an absolute path"), ("C:/b,x", "C:/b is an absolute path"),
    (r"\b,x", r"\b is an absolute path"),
    (",x", "no path of an image"), (" ,x", "no path of an image"),
    ("b,", "no label"), ("b,  ", "no label"), ('b,""', "no label"),
    ("b", "1 values, the header has 2"), ("b,x,y", "3 values, the header has 2"),
    ("a,bad", "a stands in ROOT/i.csv: row 1 already, as good and not bad; remove the wrong row"),
])  # fmt: skip
def test_a_row_that_cannot_be_taken_is_told_and_the_others_are_found(told, tmp_path, row, what):
    line = told(f"a,good\n\n{row}\nc,good\n").replace(str(tmp_path / "root"), "ROOT")
    assert line.startswith(f"row 2: {what}")


@pytest.mark.parametrize(("row", "what"), [
    ("a,x,train", "; remove one row"),
    ("a,x,test", ", in train and not test; keep it in one split"),
    ("a,y,test", ", as x and not y; remove the wrong row"),
])  # fmt: skip
def test_an_image_is_listed_once(faults, index, row, what):
    data = index({"i.csv": f"filepaths,labels,set\na,x,train\n{row}\n"}, "a", split="set")
    (line,), names = faults(**data)
    where = f"{data['path']}/i.csv: row"
    assert (line, names) == (f"{where} 2: a stands in {where} 1 already{what}", ["a"])


def test_an_image_of_one_split_is_not_taken_into_another_file_either(faults, index):
    csvs = {"i.csv": "filepaths,labels\na,x\n", "u.csv": "filepaths\na\n"}
    data = index(csvs, "a", labelled={"train": "i.csv"}, unlabelled="u.csv")
    (line,), _ = faults(**data)
    assert line.startswith(f"{data['path']}/u.csv: row 1: a stands in {data['path']}/i.csv: row 1")
    assert line.endswith(", in train and not unlabelled; keep it in one split")


@pytest.mark.parametrize("split", ["", "holdout", "trian"])
def test_a_split_by_another_name_is_told(told, split):
    line = told(f"a,good,train\nb,x,{split}\n", header="filepaths,labels,set", split="set")
    assert line.startswith(f"row 2: '{split}' is no split; write train, val, valid, ")


def test_a_link_to_nothing_is_told_by_the_row_that_needs_it(told, tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "b").symlink_to(tmp_path / "none")
    assert told("a,good\nb,x\n", "a").startswith("row 2: b: no such file, or a link that")


def test_backslashes_are_told_where_slashes_would_do(told):
    assert told("x\\a,x\n", ["x/a"]) == r"row 1: x\a has backslashes; write / between folders"


@pytest.mark.parametrize(("content", "what"), [
    ("", "the file is empty; "), ("filepaths,labels\n\n", "a header and no rows; "),
    ("filepaths,labels,labels\na,x,x\n", "the column 'labels' stands twice; "),
    ("filepaths,label\na,x\n", "no column 'labels' (there are filepaths, label); did you"),
    ("Filepaths,labels\na,x\n", "no column 'filepaths' (there are Filepaths, labels); did"),
    ("filepaths,kind\na,x\n", "no column 'labels' (there are filepaths, kind); name the "),
    ("filepaths;labels\na;x\n", "its values are separated by semicolons; save it with commas"),
    ('"filepaths"\t"labels"\na\tx\n', "its values are separated by tabs; save it with commas"),
    ('filepaths,labels\na,x\na,"x\n', "row 2: unexpected end of data; mend the quotes"),
    (b"filepaths,labels\na,\xe9\n", "not UTF-8 text ("),
    (gzip.compress(b"a,x\n", mtime=0), "not UTF-8 text (invalid start byte); it is gzip"),
])  # fmt: skip
@pytest.mark.parametrize("storage", ["folder", "tar.gz", "zip"])
def test_a_csv_that_cannot_be_read_is_refused_by_name(refused, index, storage, content, what):
    data = index({"i.csv": content}, "a", storage)
    assert refused(**data).partition("i.csv: ")[2].startswith(what)


@pytest.mark.parametrize(
    "header", ["filepaths, labels", "filepaths,labels ", "filepaths,Labels\xa0"]
)
def test_the_column_that_is_proposed_mends_it(refused, found, index, tmp_path, header):
    data = index({"i.csv": f"{header}\na,x\n"}, "a")
    line = on_one_line(refused(**data))
    meant = line.partition("did you mean ")[2].removesuffix("? name it in data.label")
    (tmp_path / "params.yaml").write_text(f"label: {meant}\n", "utf-8")
    (image,) = found(**data, **yaml12.load(tmp_path / "params.yaml"))
    assert image[3] == "x"


def test_labels_of_an_unlabelled_csv_are_not_read(faults, index):
    csvs = {"i.csv": "filepaths,labels\na,x\n", "u.csv": "labels,filepaths\n,b\n"}
    assert faults(**index(csvs, "ab", unlabelled="u.csv")) == ([], ["a", "b"])


@pytest.mark.parametrize("storage", ["folder", "tar", "zip"])
def test_a_missing_csv_is_refused_by_name(refused, index, storage):
    data = index({}, "a", storage)
    line = refused(**data)
    assert line.startswith(data["path"])
    assert "i.csv" in line


def test_missing_images_are_refused_by_name(refused, index):
    data = index({"i.csv": "filepaths,labels\na,x\n"}, "a", images="none.zip")
    assert refused(**data).startswith(f"{data['path']}/none.zip: no such folder or archive; ")


def test_a_damaged_gzip_is_refused(refused, index):
    content = gzip.compress(b"filepaths,labels\na,x\n")[:-3]
    assert "damaged archive (" in refused(**index({"i.csv.gz": content}, "a", labelled="i.csv.gz"))
