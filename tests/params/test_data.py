"""Laws of the section `data`: each format has keys of its own."""

import pytest

from assay.fault import Fault
from assay.params.data import OWN_KEYS, Data
from assay.params.mistakes import checked

NEEDED = {"pixel_csv": {"labelled": "l.csv"}, "index_csv": {"labelled": "l.csv"}}
GIVEN = {
    "labelled": "l.csv",
    "unlabelled": "u.csv",
    "label": "class",
    "image": "file",
    "images": "images.zip",
    "split": "set",
    "shape": [3, 4, 5],
}


def data(kind, **words):
    given = {"format": kind, "path": "data"} | NEEDED.get(kind, {}) | words
    return checked(Data, given, "params.yaml", "data.")


@pytest.mark.parametrize("kind", OWN_KEYS)
@pytest.mark.parametrize("key", GIVEN)
def test_a_key_of_another_format_is_refused_and_its_owners_are_named(kind, key):
    if key in OWN_KEYS[kind]:
        assert getattr(data(kind, **{key: GIVEN[key]}), key)
        return
    with pytest.raises(Fault, match=f"data: {key} means nothing to {kind}, only to .*remove"):
        data(kind, **{key: GIVEN[key]})


@pytest.mark.parametrize("kind", OWN_KEYS)
def test_a_key_that_is_null_is_as_good_as_absent(kind):
    assert data(kind, **dict.fromkeys(GIVEN.keys() - NEEDED.get(kind, {}).keys())) == data(kind)


@pytest.mark.parametrize("kind", NEEDED)
def test_a_csv_format_needs_a_csv_with_labels(kind):
    with pytest.raises(Fault, match=f"labelled is missing; {kind} needs a CSV with labels"):
        data(kind, labelled=None)


@pytest.mark.parametrize("name", ["/l.csv", "../l.csv", "a/../../l.csv"])
@pytest.mark.parametrize("key", ["labelled", "unlabelled", "images"])
def test_a_file_outside_the_path_that_dvc_hashes_is_refused(key, name):
    with pytest.raises(Fault, match=r"lies outside data\.path"):
        data("index_csv", **{key: name})


def test_each_split_may_have_a_file_of_its_own_but_no_other_than_the_three():
    files = {"train": "a.csv", "val": "b.csv"}
    assert data("index_csv", labelled=files).labelled_files == files
    with pytest.raises(Fault, match=r"data\.labelled"):
        data("index_csv", labelled={"training": "a.csv"})
    with pytest.raises(Fault, match="labelled has a file for each split; keep one"):
        data("index_csv", labelled=files, split="set")


def test_columns_have_the_names_that_their_format_is_known_for():
    assert (data("pixel_csv").label_column, data("parquet").label_column) == ("label", "label")
    assert data("index_csv").label_column == "labels"
    assert data("index_csv", label="species").label_column == "species"
    assert data("index_csv").image_column == "filepaths"
    assert data("parquet").image_column == "image"


@pytest.mark.parametrize("key", ["label", "image", "split"])
def test_a_column_keeps_the_blanks_around_its_name_and_is_not_blank(key):
    assert getattr(data("index_csv", **{key: " set "}), key) == " set "
    for blank in ("", "  "):
        with pytest.raises(Fault, match=f"data.{key}: '{blank}' has nothing in it; give it a"):
            data("index_csv", **{key: blank})


def test_classes_keep_the_blanks_around_their_names():
    given = {"class_aliases": {"cat ": "cat"}, "classes": ["cat", " dog"]}
    assert data("cifar10", **given).model_dump(include={*given}) == given
    with pytest.raises(Fault, match=r"data\.class_aliases\. : ' ' has nothing in it"):
        data("cifar10", class_aliases={" ": "cat"})


@pytest.mark.parametrize("kind", OWN_KEYS)
def test_bad_images_are_left_out_only_where_images_are_read_one_by_one(kind):
    if kind in {"image_folder", "index_csv", "parquet"}:
        assert data(kind, on_bad_image="skip").on_bad_image == "skip"
        return
    with pytest.raises(Fault, match=f"data: on_bad_image: skip means nothing to {kind}, .* error"):
        data(kind, on_bad_image="skip")


def test_an_alias_must_not_lead_to_another():
    with pytest.raises(Fault, match="'b', which is an alias itself"):
        data("cifar10", class_aliases={"a": "b", "b": "c"})


@pytest.mark.parametrize("classes", [[], ["a"], ["a", "a"]])
def test_classes_are_two_or_more_each_once(classes):
    with pytest.raises(Fault, match="two classes or more, each once"):
        data("cifar10", classes=classes)
