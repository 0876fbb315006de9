"""Laws of looking at every image of the source once."""

import io

import numpy as np
import pytest
from PIL import Image

from assay.data import ingest as ingesting
from assay.data.duplicates import duplicates
from assay.data.ingest import ingest
from assay.data.ingested import open_ingested
from assay.data.perceptual import phashes, thumbnail
from assay.data.sources import SOURCES
from assay.data.sources.reading import Found, Reading
from assay.data.split import assigned
from assay.fault import Fault
from assay.params.data import Data
from assay.params.split import Split


def png(image, mode=None):
    file = io.BytesIO()
    picture = Image.fromarray(image)
    (picture.convert(mode) if mode else picture).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def source(monkeypatch):
    """Let `image_folder` hand out these."""

    def source(found, classes=None, **words):
        monkeypatch.setitem(
            SOURCES, "image_folder", lambda data: Reading(iter(found), None, classes)
        )
        return Data(format="image_folder", path="somewhere", **words)

    return source


def found(place, image, label="cat", split=None):
    return Found(place, f"{place}.png", split, label, image)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_files_and_bare_pixels_come_back_as_they_came(source, pixels, tmp_path):
    bare, other = pixels(1, 4, 5, 2)[0], pixels(1, 6, 3, 3)[0]
    ingest(source([found(0, bare), found(1, png(other))]), tmp_path / "out")
    got = open_ingested(tmp_path / "out")
    assert np.array_equal(got.image(0), bare)
    assert got.image(1) == png(other)
    assert np.array_equal(got.pixels(1), other)
    shapes = got.table[["height", "width", "channels", "bare"]].to_numpy().tolist()
    assert shapes == [[4, 5, 2, True], [6, 3, 3, False]]


def test_the_table_has_the_order_of_the_places_however_the_images_come(source, pixels, tmp_path):
    images = pixels(6, 4, 4, 1)
    some = [found(place, images[place], str(place), "train") for place in (3, 0, 5, 1, 4, 2)]
    ingest(source(some, classes=["b", "a"]), tmp_path / "out")
    got = open_ingested(tmp_path / "out")
    assert got.table["name"].tolist() == [f"{n}.png" for n in range(6)]
    assert got.table["label"].tolist() == list("012345")
    assert set(got.table["given"]) == {"train"}
    assert all(np.array_equal(got.image(n), images[n]) for n in range(6))
    assert got.classes == ["b", "a"]


def test_unlabelled_images_have_no_label_and_small_ones_no_perceptual_hash(
    source, pixels, tmp_path
):
    images = [pixels(1, 70, 70, 3)[0], pixels(1, 63, 70, 3)[0]]
    some = [found(0, images[0], None, "unlabelled"), found(1, images[1])]
    ingest(source(some), tmp_path / "out")
    table = open_ingested(tmp_path / "out").table
    assert table["label"].isna().tolist() == [True, False]
    assert table["phash"].isna().tolist() == [False, True]


def test_a_perceptual_hash_keeps_all_its_bits_beside_an_image_without_one(source, pixels, tmp_path):
    image, small = pixels(1, 70, 70, 3)[0], pixels(1, 63, 70, 3)[0]
    [expected] = phashes(thumbnail(image)[None]).tolist()
    ingest(source([found(0, image), found(1, small)]), tmp_path / "out")
    assert open_ingested(tmp_path / "out").table["phash"][0] == expected
    assert expected % 2**11 != 0


def blots(seed, side=70):
    random = np.random.default_rng(seed)
    small = Image.fromarray(random.integers(0, 256, (6, 6, 3), np.uint8))
    return np.asarray(small.resize((side, side), Image.Resampling.BICUBIC))


def test_near_equal_images_lie_on_one_side_all_the_way_from_the_source(source, tmp_path):
    some = []
    for n in range(40):
        darker = (blots(n) * 0.97).astype(np.uint8)
        given = [(blots(100 + n), None), (blots(n), "ab"[n % 2]), (darker, "ab"[n % 2])]
        small = [blots(seed + n, 30) for seed in (200, 300)]  # they have no perceptual hash
        given += [(image, "ab"[n % 2]) for image in small]
        some += [(image, label, None if label else "unlabelled") for image, label in given]
    ingest(source([found(place, *one) for place, one in enumerate(some)]), tmp_path / "out")
    table = open_ingested(tmp_path / "out").table
    table["near"] = duplicates(table, 8)
    parts = assigned(table, Split(train=0.5, val=0.25, test=0.25)).to_numpy().reshape(40, 5)
    assert (parts[:, 1] == parts[:, 2]).all()
    assert {*parts[:, 1]} == {*parts[:, 3:].ravel()} == {"train", "val", "test"}
    assert {*parts[:, 0]} == {"unlabelled"}


def test_hashes_are_equal_exactly_where_upright_pixels_are(source, pixels, tmp_path):
    image = pixels(1, 8, 4, 3)[0]
    grey = pixels(1, 8, 4, 1)[0]
    some = [image, png(image), png(image.swapaxes(0, 1).copy()), image.reshape(4, 8, 3), grey]
    ingest(source([found(n, one) for n, one in enumerate(some)]), tmp_path / "out")
    hashes = open_ingested(tmp_path / "out").table["hash"]
    assert hashes[0] == hashes[1]
    assert hashes.nunique() == 4


def test_ingesting_in_small_pieces_leaves_the_same_bytes(source, pixels, tmp_path, monkeypatch):
    some = [found(n, image) for n, image in enumerate(pixels(9, 70, 66, 3))]
    ingest(source(some), tmp_path / "one")
    monkeypatch.setattr(ingesting, "IMAGES_AT_ONCE", 2)
    ingest(source(some), tmp_path / "many")
    assert files(tmp_path / "one") == files(tmp_path / "many")


BAD = [found(1, b"text"), Fault("list.csv: row 3: no file"), found(3, b"")]


def test_a_bad_image_ends_ingest_and_leaves_what_was_there_before(source, pixels, tmp_path):
    good = found(0, pixels(1, 4, 4, 1)[0])
    ingest(source([good]), tmp_path / "out")
    before = files(tmp_path / "out")
    told = ["1.png: not an image", "list.csv: row 3: no file", "3.png: the file is empty"]
    for bad, line in zip(BAD, told, strict=True):
        with pytest.raises(Fault, match=line):
            ingest(source([good, bad]), tmp_path / "out")
        assert files(tmp_path / "out") == before


def test_bad_images_are_left_out_and_listed_where_that_is_asked_for(source, pixels, tmp_path):
    images = pixels(2, 4, 4, 1)
    some = [found(0, images[0]), *BAD, found(4, images[1])]
    ingest(source(some, on_bad_image="skip"), tmp_path / "out")
    got = open_ingested(tmp_path / "out")
    assert got.table["name"].tolist() == ["0.png", "4.png"]
    assert np.array_equal(got.image(1), images[1])
    assert len(got.skipped) == 3
    assert got.skipped[1] == "list.csv: row 3: no file"


def test_nothing_but_bad_images_is_a_fault(source, tmp_path):
    with pytest.raises(
        Fault,
        match=r"somewhere: no image could be read; .* first of 3 left out: 1\.png: not an image",
    ):
        ingest(source(BAD, on_bad_image="skip"), tmp_path / "out")
