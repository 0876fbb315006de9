"""Laws of folders as labels, in whatever they are stored, and each bad layout told by name."""

import pytest
from data.sources.conftest import STORAGES, store

FLAT = {
    "cat/2.jpg": b"c2", "cat/1.jpg": b"c1", "dog, 'b' <c> 🐶/x.PNG": b"", "unlabelled/u.gif": b"u",
}  # fmt: skip
SPLIT = {
    "valid/cat/1.jpg": b"v", "Train/cat/1.jpg": b"t", "Train/dog/1": b"d", "test/dog/9.webp": b"e",
    "unlabelled/u.gif": b"u",
}  # fmt: skip


@pytest.fixture
def layout(tmp_path):
    """Keys of `data` for a tree of files."""

    def layout(files, storage="folder", top="top/"):
        return {"format": "image_folder", "path": str(store(tmp_path, files, storage, top))}

    return layout


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("top", ["", "top/"])
def test_classes_are_folders_and_places_follow_the_order_of_paths(found, layout, storage, top):
    assert found(**layout(FLAT, storage, top)) == [
        (0, "cat/1.jpg", None, "cat", b"c1"),
        (1, "cat/2.jpg", None, "cat", b"c2"),
        (2, "dog, 'b' <c> 🐶/x.PNG", None, "dog, 'b' <c> 🐶", b""),
        (3, "unlabelled/u.gif", "unlabelled", None, b"u"),
    ]


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("top", ["", "top/"])
def test_splits_are_folders_around_the_classes(found, layout, storage, top):
    assert found(**layout(SPLIT, storage, top)) == [
        (0, "Train/cat/1.jpg", "train", "cat", b"t"),
        (1, "Train/dog/1", "train", "dog", b"d"),
        (2, "test/dog/9.webp", "test", "dog", b"e"),
        (3, "unlabelled/u.gif", "unlabelled", None, b"u"),
        (4, "valid/cat/1.jpg", "val", "cat", b"v"),
    ]


@pytest.mark.parametrize("name", ["val", "valid", "validation", "dev", "VALID", "Dev"])
def test_the_validation_split_has_many_names(found, layout, name):
    images = found(**layout({f"{name}/a/1": b"", "train/a/1": b"", "train/b/1": b""}))
    assert sorted(image.split for image in images) == ["train", "train", "val"]


def test_a_single_split_is_no_folder_to_look_through(found, layout):
    images = found(**layout({"train/a/1": b"", "train/b/1": b""}, "zip", top=""))
    assert {image.split for image in images} == {"train"}


def test_a_class_may_be_called_like_a_split(found, layout):
    images = found(**layout({"train/1": b"", "tram/1": b"", "test/1": b""}))
    assert [(image.split, image.label) for image in images] == [
        (None, "test"), (None, "train"), (None, "tram")
    ]  # fmt: skip


def test_a_class_in_a_split_may_be_called_like_a_split(found, layout):
    images = found(**layout({"train/train/1": b"", "train/tram/1": b""}))
    assert [(image.split, image.label) for image in images] == [
        ("train", "train"), ("train", "tram")
    ]  # fmt: skip


@pytest.mark.parametrize("storage", STORAGES)
def test_what_lies_in_the_wrong_place_is_told_and_the_rest_is_found(faults, layout, storage):
    files = FLAT | {"0.jpg": b"", "cat/old/1.jpg": b"", "bird/": b"", "unlabelled/x/1.jpg": b""}
    told, names = faults(**layout(files, storage, top=""))
    assert sorted(names) == sorted(FLAT)
    assert len(told) == 4
    for name, what in {
        "0.jpg": "lies outside every class",
        "cat/old/1.jpg": "lies in a folder of its class's folder",
        "bird": "an empty folder",
        "unlabelled/x/1.jpg": "lies in a folder of its class's folder",
    }.items():
        assert any(f"{name}: {what}" in line for line in told)


def test_what_lies_in_the_wrong_place_beside_splits_is_told(faults, layout):
    files = SPLIT | {
        "a.txt": b"", "Train/b.txt": b"", "other/cat/1.jpg": b"", "Train/dog/x/1.jpg": b"",
        "valid/dog/": b"",
    }  # fmt: skip
    told, names = faults(**layout(files))
    assert sorted(names) == sorted(SPLIT)
    for name, what in {
        "a.txt": "lies outside every class",
        "Train/b.txt": "lies outside every class",
        "other/cat/1.jpg": "lies beside the splits Train, test and valid; ",
        "Train/dog/x/1.jpg": "lies in a folder of its class's folder",
        "valid/dog": "an empty folder",
    }.items():
        assert any(f"/{name}: {what}" in line for line in told)
    assert len(told) == 5


def test_members_that_a_storage_refuses_are_told_among_the_images(faults, layout):
    told, names = faults(**layout(FLAT | {"../out/1.jpg": b""}, "tar.gz", top=""))
    assert len(names) == len(FLAT)
    assert "../out/1.jpg: a path out of the archive; " in told[0]


@pytest.mark.parametrize(("files", "what"), [
    ({}, "no folders of classes"),
    ({"1.jpg": b""}, "no folders of classes"),
    ({"a/": b"", "b/": b""}, "no folders of classes"),
    ({"unlabelled/1.jpg": b""}, "no folders of classes"),
    ({"a/1.jpg": b""}, "one class only, a"),
    ({"train/a/1.jpg": b"", "test/a/1.jpg": b""}, "one class only, a"),
    ({"Train/a/1": b"", "train/b/1": b""}, "the folders Train and train both mean train"),
    ({"val/a/1": b"", "dev/b/1": b""}, "the folders dev and val both mean val"),
    ({"train/a/1": b"", "train/b/1": b"", "test/1": b""}, "/test: images without folders"),
])  # fmt: skip
def test_a_layout_that_cannot_be_meant_is_refused(refused, layout, files, what):
    assert what in refused(**layout(files)).replace("root: ", "/").replace("root/", "/")


def test_a_missing_root_is_refused_by_name(refused, tmp_path):
    line = refused(format="image_folder", path=str(tmp_path / "none"))
    assert line.startswith(f"{tmp_path}/none: no such folder or archive; ")
