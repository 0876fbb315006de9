"""Laws of Parquet files in Hugging Face's layout, and each bad file, column and row told."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay.data.sources import parquet
from assay.fault import Fault

STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
NAMES = ["plane", "a, 'b' <c> 🐸", "01"]


@pytest.fixture
def write(tmp_path):
    """Write a file of images and labels, with names of classes where they are given."""

    def write(name, images, labels=None, classes=None, *, plain=False, label="label", **words):
        kind = pa.large_binary() if plain else STRUCT
        values = (
            images if plain else [x if x is None else {"bytes": x, "path": None} for x in images]
        )
        columns = {"more": pa.array([0.5] * len(images)), "image": pa.array(values, kind)}
        if labels is not None:
            columns[label] = pa.array(labels)
        table = pa.table(columns)
        if classes:
            features = {"label": {"names": classes, "_type": "ClassLabel"}}
            about = json.dumps({"info": {"features": features}}).encode()
            table = table.replace_schema_metadata({b"huggingface": about})
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, **words)
        return {"format": "parquet", "path": str(tmp_path / "root")}

    return write


@pytest.mark.parametrize("plain", [False, True])
def test_numbers_get_the_names_that_the_schema_gives_them(found, write, plain):
    data = write("x.parquet", [b"a", b"", b"c"], [2, 0, 1], NAMES, plain=plain)
    assert found(**data) == [
        (0, "x.parquet:1", None, "01", b"a"),
        (1, "x.parquet:2", None, "plane", b""),
        (2, "x.parquet:3", None, "a, 'b' <c> 🐸", b"c"),
    ]
    assert parquet.read(parquet.Data(**data)).classes == NAMES


@pytest.mark.parametrize("labels", [NAMES, pa.array(NAMES).dictionary_encode()])
def test_labels_that_are_text_come_as_they_are(found, write, labels):
    data = write("x.parquet", [b"a", b"b", b"c"], labels)
    assert [image.label for image in found(**data)] == NAMES
    assert parquet.read(parquet.Data(**data)).classes is None


def test_numbers_without_names_are_their_own_names(found, write):
    data = write("x.parquet", [b"a", b"b"], np.array([10, 9], np.uint8))
    assert [image.label for image in found(**data)] == ["10", "9"]


def test_splits_are_those_of_the_names_of_files_and_places_run_through_them(found, write):
    for name in [
        "data/validation-00000-of-00001", "data/train-00001-of-00002", "Test/0000", "dev",
        "data/train-00000-of-00002", "my-train_x", "data/unlabelled-0",
    ]:  # fmt: skip
        data = write(f"{name}.parquet", [name.encode()] * 2, [0, 1], NAMES)
    assert [image[:3] for image in found(**data)][::2] == [
        (0, "Test/0000.parquet:1", "test"),
        (2, "data/train-00000-of-00002.parquet:1", "train"),
        (4, "data/train-00001-of-00002.parquet:1", "train"),
        (6, "data/unlabelled-0.parquet:1", "unlabelled"),
        (8, "data/validation-00000-of-00001.parquet:1", "val"),
        (10, "dev.parquet:1", "val"),
        (12, "my-train_x.parquet:1", "train"),
    ]
    assert [image.label for image in found(**data)][6:8] == [None, None]


def test_a_single_file_may_be_named(found, write, tmp_path):
    write("train-0.parquet", [b"a"], ["x"])
    write("test-0.parquet", [b"b"], ["x"])
    (image,) = found(format="parquet", path=str(tmp_path / "root" / "test-0.parquet"))
    assert image == (0, "test-0.parquet:1", "test", "x", b"b")


def test_unlabelled_files_need_no_label_column(found, write):
    write("train.parquet", [b"a"], ["x"])
    images = found(**write("unlabelled.parquet", [b"b"]))
    assert [(image.split, image.label) for image in images] == [
        ("train", "x"),
        ("unlabelled", None),
    ]


def test_columns_may_have_any_names_and_other_files_are_left_aside(found, write, tmp_path):
    data = write("x.parquet", [b"a"], ["x"], label="art")
    (tmp_path / "root" / "README.md").write_text("text")
    (image,) = found(**data, label="art")
    assert image.label == "x"


def test_images_are_the_same_in_whatever_row_groups(found, write):
    images = [bytes([i]) * i for i in range(100)]
    one = found(**write("x.parquet", images, [str(i) for i in range(100)]))
    many = found(**write("x.parquet", images, [str(i) for i in range(100)], row_group_size=7))
    assert one == many
    assert [image.image for image in one] == images


@pytest.mark.parametrize(("image", "label", "what"), [
    (None, 1, "no bytes of an image; "), (b"", None, "no label; "),
    (b"", 3, "3 is no label; there are 3 classes, from 0"), (b"", -1, "-1 is no label; "),
])  # fmt: skip
def test_a_row_that_cannot_be_taken_is_told_and_the_others_are_found(
    faults, write, image, label, what
):
    data = write("x.parquet", [b"a"] * 40 + [image, b"c"], [0] * 40 + [label, 2], NAMES)
    (line,), names = faults(**data)
    assert line.startswith(f"{data['path']}/x.parquet: row 41: {what}")
    assert len(names) == 41
    assert names[-1] == "x.parquet:42"


@pytest.mark.parametrize("label", ["", "  ", None])
def test_an_empty_label_is_told(faults, write, label):
    (line,), _ = faults(**write("x.parquet", [b"a", b"b"], ["x", label]))
    assert "row 2: no label; " in line


def test_a_missing_column_is_refused_with_those_that_are_there(refused, write):
    line = refused(**write("x.parquet", [b"a"]))
    assert "x.parquet: no column 'label' (there are more, image); name the column in " in line
    data = write("x.parquet", [b"a"], ["x"])
    assert "no column 'img' (there are more, image, label); did you mean image? " in refused(
        **data, image="img"
    )


def test_columns_of_another_kind_are_refused(refused, write):
    assert "'label' holds double; " in refused(**write("x.parquet", [b"a"], [0.5]))
    data = write("x.parquet", [b"a"], ["x"])
    assert "'more' holds double; " in refused(**data, image="more")


def test_files_that_name_other_classes_are_refused(refused, write):
    write("train.parquet", [b"a"], [0], NAMES)
    assert "names other classes than " in refused(**write("val.parquet", [b"a"], [0], NAMES[::-1]))


def test_a_file_without_a_split_beside_files_with_one_is_refused(refused, write):
    write("train.parquet", [b"a"], ["x"])
    assert ": more.parquet names no split, " in refused(**write("more.parquet", [b"a"], ["x"]))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"text " * 99, b"PAR1" + bytes(99) + b"PAR1"])
def test_a_file_that_is_no_parquet_is_refused(refused, tmp_path, content):
    (tmp_path / "x.parquet").write_bytes(content)
    line = refused(format="parquet", path=str(tmp_path))
    assert line.startswith(f"{tmp_path}/x.parquet: not a whole Parquet file (")


def test_a_truncated_file_is_refused(refused, write, tmp_path):
    data = write("x.parquet", [b"a" * 999], ["x"])
    path = tmp_path / "root" / "x.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    assert "not a whole Parquet file (" in refused(**data)


def test_damage_within_a_file_is_told(write, tmp_path):
    noise = np.random.default_rng(0).bytes(9999)
    data = write("x.parquet", [noise], ["x"], use_dictionary=False)
    path = tmp_path / "root" / "x.parquet"
    path.write_bytes(path.read_bytes().replace(noise[:500], bytes(500)))
    content = bytearray(path.read_bytes())
    content[30:90] = b"\xff" * 60
    path.write_bytes(content)
    with pytest.raises(Fault, match=r"x\.parquet: not a whole Parquet file \("):
        list(parquet.read(parquet.Data(**data)).images)


def test_nothing_to_read_is_refused(refused, tmp_path):
    assert "no such file or folder; " in refused(format="parquet", path=str(tmp_path / "none"))
    assert "no file in it ends with .parquet; " in refused(format="parquet", path=str(tmp_path))
