"""Laws of reading pixel CSVs, and each bad input told with file, row and column."""

import csv
import gzip
import io

import numpy as np
import pytest

from assay.data.sources import pixel_csv
from assay.fault import Fault
from assay.params.data import Data

LABELS = ["7", "a, b", 'say "x"', "two\nlines", "🦋 <b>&", " é ", "NA", "null", "1e3"]
HEADER = "label,a,b,c,d\n"


@pytest.fixture
def read(tmp_path):
    """Write a file and read its images: pixels n c h w and labels."""

    def read(content, name="i.csv", *, labelled=True, beside=None, **data):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        files = {"labelled": beside or name} | ({} if labelled else {"unlabelled": name})
        reading = pixel_csv.read(Data(format="pixel_csv", path=str(tmp_path), **files, **data))
        images = [image for image in reading.images if image.name.startswith(f"{name}:")]
        assert [image.name for image in images] == [f"{name}:{i + 1}" for i in range(len(images))]
        assert {image.split for image in images} == {None if labelled else "unlabelled"}
        pixels = np.stack([image.image for image in images]).transpose(0, 3, 1, 2)
        return pixels, [image.label for image in images]

    return read


@pytest.fixture
def told(read, tmp_path):
    """The line that is told, without the file's name, which it begins with."""

    def told(content, name="i.csv", **given):
        with pytest.raises(Fault) as fault:
            read(content, name, **given)
        line = str(fault.value)
        assert "\n" not in line
        assert line.startswith(f"{tmp_path / name}: ")
        return line.removeprefix(f"{tmp_path / name}: ")

    return told


def as_csv(images, labels, *, at=0, end="\n"):
    """What the csv module writes, with the label's column at a place of choice."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    rows = images.reshape(len(images), -1).tolist()
    names = [f"p{i}" for i in range(len(rows[0]))]
    for label, row in zip(["label", *labels], [names, *rows], strict=True):
        writer.writerow([*row[:at], label, *row[at:]])
    return text.getvalue().encode()


@pytest.mark.parametrize("at", [0, 4, 9])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["i.csv", "i.csv.gz"])
def test_what_was_written_is_read_wherever_the_label_stands_and_however_lines_end(
    read, pixels, at, end, start, name
):
    images = pixels(len(LABELS), 1, 3, 3)
    content = start + as_csv(images, LABELS, at=at, end=end)
    got, labels = read(gzip.compress(content) if name.endswith("gz") else content, name)
    assert np.array_equal(got, images)
    assert got.dtype == np.uint8
    assert labels == LABELS


def test_colour_images_are_read_channel_after_channel_row_by_row(read, pixels):
    images = pixels(4, 3, 2, 5)
    got, _ = read(as_csv(images, "abcd"), shape=[3, 2, 5])
    assert np.array_equal(got, images)


def test_pixels_that_are_a_square_need_no_shape(read, pixels):
    got, _ = read(as_csv(pixels(2, 1, 4, 4), "ab"))
    assert got.shape == (2, 1, 4, 4)


@pytest.mark.parametrize("name", ["i.csv", "i.csv.gz"])
def test_a_file_read_in_several_blocks_equals_one_block(monkeypatch, read, pixels, name):
    images, labels = pixels(300, 1, 3, 3), [LABELS[i % len(LABELS)] for i in range(300)]
    content = as_csv(images, labels)
    content = gzip.compress(content) if name.endswith("gz") else content
    sizes = []
    taken = pixel_csv._taken
    monkeypatch.setattr(
        pixel_csv, "_taken", lambda block, *a: sizes.append(block.num_rows) or taken(block, *a)
    )
    monkeypatch.setattr(pixel_csv, "BLOCK", 1000)
    got, read_labels = read(content, name)
    assert len(sizes) > 5
    assert max(sizes) < 50  # a block is small, so the memory is
    assert np.array_equal(got, images)
    assert read_labels == labels


def test_a_label_of_two_lines_may_lie_across_two_blocks(monkeypatch, read, pixels):
    images, labels = pixels(50, 1, 1, 1), ["two\nlines"] * 50
    for block in range(100, 120):  # so that a block ends at every place of a row
        monkeypatch.setattr(pixel_csv, "BLOCK", block)
        got, read_labels = read(as_csv(images, labels))
        assert np.array_equal(got, images)
        assert read_labels == labels


def test_the_label_column_may_have_any_name(read):
    got, labels = read("kind,a\nx,1\ny,2\n", label="kind")
    assert (got.ravel().tolist(), labels) == ([1, 2], ["x", "y"])


def test_an_unlabelled_file_is_read_without_labels(read, tmp_path):
    (tmp_path / "l.csv").write_text("a,label,b\n1,x,2\n")
    got, labels = read("a,b\n3,4\n", labelled=False, beside="l.csv", shape=[1, 1, 2])
    assert (got.ravel().tolist(), labels) == ([3, 4], [None])


def test_each_split_may_have_a_file_and_places_run_through_them(found, tmp_path):
    (tmp_path / "t.csv").write_text("label,a\nx,1\ny,2\n")
    (tmp_path / "v.csv").write_text("a,label\n3,x\n")
    (tmp_path / "u.csv").write_text("a\n4\n")
    images = found(
        format="pixel_csv", path=str(tmp_path), unlabelled="u.csv",
        labelled={"train": "t.csv", "val": "v.csv"},
    )  # fmt: skip
    assert [(*image[:4], image.image.item()) for image in images] == [
        (0, "t.csv:1", "train", "x", 1), (1, "t.csv:2", "train", "y", 2),
        (2, "v.csv:1", "val", "x", 3), (3, "u.csv:1", "unlabelled", None, 4),
    ]  # fmt: skip


@pytest.mark.parametrize("label", ["0x10", "10x10", "0X", 'say "0x"\n0x', "0", "x"])
def test_a_label_may_look_like_a_hexadecimal_number(monkeypatch, read, pixels, label):
    images = pixels(50, 1, 1, 1)
    for block in range(60, 90):  # so that a piece of the file ends at every place of a label
        monkeypatch.setattr(pixel_csv, "BLOCK", block)
        assert read(as_csv(images, [label] * 50))[1] == [label] * 50


def test_empty_lines_are_no_images(read):
    got, labels = read(f"{HEADER}\n1,1,2,3,4\n\n\n2,5,6,7,8\n\n")
    assert (got.ravel().tolist(), labels) == ([1, 2, 3, 4, 5, 6, 7, 8], ["1", "2"])


@pytest.mark.parametrize("cell", [" 7", "7 ", "007", '"7"'])
def test_a_number_may_stand_between_spaces_zeros_and_quotes(read, cell):
    assert read(f"{HEADER}x,{cell},2,3,4\n")[0].ravel().tolist() == [7, 2, 3, 4]


def test_a_missing_file_is_told_by_name(tmp_path):
    data = Data(format="pixel_csv", path=str(tmp_path), labelled="i.csv")
    with pytest.raises(Fault, match=r"i.csv: no such file; put it there, or correct the path"):
        pixel_csv.read(data)


def test_a_folder_is_no_file(tmp_path):
    data = Data(format="pixel_csv", path=str(tmp_path.parent), labelled=tmp_path.name)
    with pytest.raises(Fault, match="cannot be read"):
        pixel_csv.read(data)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_told(told, content):
    name = "i.csv.gz" if content.startswith(b"\x1f") else "i.csv"
    assert told(content, name).startswith("the file is empty; ")


@pytest.mark.parametrize("content", [HEADER, HEADER.strip(), HEADER + "\n\r\n\n"])
def test_a_header_alone_is_told(told, content):
    assert told(content).startswith("a header and no rows; ")


def test_a_file_without_the_label_column_is_told_with_how_it_begins(told):
    line = told("digit,a,b,c,d\n1,1,2,3,4\n")
    assert line.startswith("no column 'label' (there are digit, a, b, c, d); ")
    assert "data.label" in line


def test_a_label_column_of_another_case_is_hinted_at(told):
    assert told("Label,a\n1,1\n").endswith("; did you mean Label? name it in data.label")


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_another_separator_than_a_comma_is_told_by_name(told, mark, name):
    content = f"{HEADER}1,1,2,3,4\n".replace(",", mark)
    assert told(content) == f"its values are separated by {name}; save it with commas"


def test_a_column_that_stands_twice_is_told(told):
    assert told("label,a,b,a,d\n1,1,2,3,4\n").startswith("the column 'a' stands twice; ")


@pytest.mark.parametrize(("row", "count"), [("2,1,2,3", 4), ("2,1,2,3,4,5", 6), ("2", 1)])
def test_a_ragged_row_is_told_by_its_number(told, row, count):
    line = told(f"{HEADER}1,1,2,3,4\n\n{row}\n3,1,2,3,4\n")
    assert line == f"row 2 has {count} values, the header has 5; mend the row"


@pytest.mark.parametrize(
    "cell",
    [
        "x",
        "0x10",
        "0X1f",
        "-1",
        "256",
        "1.5",
        "1e2",
        "99999999999999999999",
        "NA",
        "nan",
        "+3",
        "٣",
        "true",
    ],
)
@pytest.mark.parametrize(("at", "column"), [(0, "a"), (3, "d")])
def test_a_cell_that_is_no_pixel_is_told_with_row_column_and_value(told, cell, at, column):
    row = ["1", "2", "3", "4"]
    row[at] = cell
    line = told(f"{HEADER}x,1,2,3,4\nx,{','.join(row)}\ny,bad,2,3,4\n")
    assert line.startswith(f"row 2, column '{column}': '{cell}' is not a pixel value; ")
    assert "0 to 255" in line


@pytest.mark.parametrize("cell", ["0x10", "0X1f", '"0x1"', " 0x1"])
@pytest.mark.parametrize("label", ["x", "0x10"])
def test_a_hexadecimal_pixel_is_told_though_all_else_is_well(monkeypatch, told, cell, label):
    content = f"{HEADER}{label},1,2,3,4\n{label},1,2,{cell},4\n"
    for block in range(20, 30):  # so that a piece of the file ends at every place of the cell
        monkeypatch.setattr(pixel_csv, "BLOCK", block)
        assert told(content).startswith("row 2, column 'c': '0")


@pytest.mark.parametrize("cell", ["", " ", '""'])
def test_a_missing_pixel_is_told_with_row_and_column(told, cell):
    line = told(f"{HEADER}x,1,2,3,4\nx,1,2,{cell},4\n")
    assert line.startswith("row 2, column 'c': no pixel value; ")


def test_a_missing_label_is_told_with_row_and_column(told):
    line = told(f"{HEADER}x,1,2,3,4\n,1,2,3,4\n")
    assert line.startswith("row 2, column 'label': no label; ")


def test_a_bad_cell_behind_many_blocks_is_told_by_its_row_in_the_file(monkeypatch, told):
    monkeypatch.setattr(pixel_csv, "BLOCK", 1000)
    content = HEADER + '"x\ny",1,2,3,4\n' * 999 + "x,1,2,3,300\n"
    assert told(content).startswith("row 1000, column 'd': '300' is not a pixel value; ")


@pytest.mark.parametrize(("shape", "wanted"), [([3, 1, 1], 3), ([1, 2, 3], 6)])
def test_a_pixel_count_that_is_not_the_declared_shape_is_told_with_both(told, shape, wanted):
    line = told(f"{HEADER}x,1,2,3,4\n", shape=shape)
    declared = "x".join(map(str, shape))
    assert line.startswith(f"4 pixel columns, but images of {declared} have {wanted}; ")


@pytest.mark.parametrize("columns", ["a,b", "a,b,c", ""])
def test_pixels_that_are_no_square_ask_for_a_shape(told, columns):
    names = [name for name in columns.split(",") if name]
    content = ",".join(["label", *names]) + "\n" + ",".join(["1"] * (len(names) + 1)) + "\n"
    assert told(content).startswith(f"{len(names)} pixel columns are no square grey image; ")


def test_an_unlabelled_file_with_a_label_column_is_told(told):
    line = told(f"{HEADER}x,1,2,3,4\n", labelled=False)
    assert line.startswith("has the column 'label', but data.unlabelled is for images without")


@pytest.mark.parametrize(("header", "line"), [
    ("id,a,b,c,d", "5 pixel columns, but "), ("a,b,d,c", "the column 'd' stands where "),
    ("a,b,c,e", "the column 'e' stands where "),
])  # fmt: skip
def test_an_unlabelled_file_with_other_columns_is_told(told, tmp_path, header, line):
    (tmp_path / "l.csv").write_text(f"{HEADER}x,1,2,3,4\n")
    row = ",".join("1" for _ in header.split(","))
    assert told(f"{header}\n{row}\n", labelled=False, beside="l.csv").startswith(line)


@pytest.mark.parametrize("cut", [1, 4, 8, 9, 5000])
def test_a_truncated_archive_is_told_wherever_it_ends(told, pixels, cut):
    content = gzip.compress(as_csv(pixels(400, 1, 4, 4), ["x"] * 400))
    assert told(content[:-cut], "i.csv.gz").startswith("damaged archive (")


def test_a_damaged_archive_is_told_though_its_first_rows_are_whole(told, pixels, monkeypatch):
    monkeypatch.setattr(pixel_csv, "BLOCK", 1000)
    content = bytearray(gzip.compress(as_csv(pixels(9000, 1, 4, 4), ["x"] * 9000)))
    content[-6] ^= 255  # the checksum
    assert told(bytes(content), "i.csv.gz").startswith("damaged archive (")


def test_a_plain_file_named_as_an_archive_is_told(told):
    assert told(f"{HEADER}1,1,2,3,4\n", "i.csv.gz").startswith("damaged archive (Not a gzipped")


@pytest.mark.parametrize("content", [b"l\xe9,a\n1,2\n", HEADER.encode() + b"\xe9,1,2,3,4\n"])
def test_text_that_is_not_utf_8_is_told(told, content):
    assert told(content).startswith("not UTF-8 text (")
