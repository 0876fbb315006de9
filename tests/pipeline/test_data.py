"""Pictures in an archive go through the real pipeline, and what is wrong with them is told."""

import io
import tarfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pipeline.test_mistakes import only_line

CLASSES = {"train": ["moth", "wasp"], "val": ["moth", "wasp"]}


def picture(seed: int) -> bytes:
    blots = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(blots).resize((80, 70), Image.Resampling.BICUBIC).save(file, "JPEG")
    return file.getvalue()


def write_archive(repository, classes=CLASSES, more=()) -> None:
    """Twelve training and four validation pictures a class; the last of each class repeats one."""
    (repository.folder / "data/pictures").mkdir(exist_ok=True)
    files = list(more)
    for split, names in classes.items():
        for place, name in enumerate(names):
            count = 12 if split == "train" else 4
            seeds = [100 * place + n for n in range(count - 1)] if split == "train" else []
            seeds = seeds or [1000 + 100 * place + n for n in range(count - 1)]
            files += [(f"all/{split}/{name}/{n}.jpg", picture(s)) for n, s in enumerate(seeds)]
            files.append((f"all/{split}/{name}/last.jpg", picture(100 * place)))
    with tarfile.open(repository.folder / "data/pictures/all.tar", "w") as tar:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


@pytest.fixture
def pictures(repository):
    """The small repository with an archive for its data."""
    params = repository.params()
    params["data"] = {"format": "image_folder", "path": "data/pictures/all.tar"}
    params["split"] = {"method": "predefined", "test": 0.25}
    repository.write_params(params)
    write_archive(repository)
    return repository


def assert_labels_are_the_folders(pictures, aliases):
    classes = pictures.json("data/classes.json")
    for split in ("train", "val", "test"):
        folder = pictures.folder / "data/packed" / split
        folders = [name.split("/")[1] for name in pd.read_parquet(folder / "index.parquet")["name"]]
        assert {*folders} <= {*classes, *aliases}
        given = [classes[label] for label in np.load(folder / "labels.npy")]
        assert given == [aliases.get(name, name) for name in folders]


def test_pictures_are_packed_as_the_data_say_and_duplicates_across_splits_are_told(pictures):
    assert {"plan", "ingest", "split", "preprocess"} == pictures.repro("preprocess").stages
    audit = pictures.json("metrics/data.json")
    assert audit["splits"] == {"train": 18, "val": 8, "test": 6, "unused": 0, "unlabelled": 0}
    assert audit["duplicates"]["groups"] == 2
    assert audit["duplicates"]["across_splits"] == 2
    packed = pictures.folder / "data/packed"
    assert np.load(packed / "train/images.npy").shape == (18, 8, 8, 3)
    assert sorted(pd.read_parquet(packed / "val/index.parquet")["name"])[0] == "val/moth/0.jpg"
    assert len(pictures.json("data/examples.json")) == 2
    assert_labels_are_the_folders(pictures, {})
    places = pd.read_parquet(packed / "train/index.parquet")["place"]
    assert not places.is_monotonic_increasing  # in random order, so that blocks of them are too
    assert pictures.repro("preprocess").stages == set()


def test_a_class_that_train_lacks_ends_in_a_line_and_leaves_the_audit(pictures):
    write_archive(pictures, {"train": ["moth", "wasp"], "val": ["moth", "hornet"]})
    line = only_line(pictures.call("dvc", "repro", "preprocess"))
    assert "write data.class_aliases: {hornet: wasp}" in line
    assert pictures.json("metrics/data.json")["problems"]
    params = pictures.params()
    params["data"]["class_aliases"] = {"hornet": "wasp"}
    pictures.write_params(params)
    assert pictures.repro("preprocess").stages == {"plan", "split", "preprocess"}
    assert_labels_are_the_folders(pictures, {"hornet": "wasp"})


def test_a_bad_picture_is_named_or_left_out_and_counted(pictures):
    write_archive(pictures, more=[("all/train/moth/broken.jpg", b"no picture")])
    line = only_line(pictures.call("dvc", "repro", "preprocess"))
    assert "train/moth/broken.jpg: not an image" in line
    params = pictures.params()
    params["data"]["on_bad_image"] = "skip"
    pictures.write_params(params)
    pictures.repro("preprocess")
    assert pictures.json("metrics/data.json")["images"]["skipped"] == 1
