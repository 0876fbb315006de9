"""Laws of packing a split and of opening it again."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay.data import pack as packing
from assay.data.ingested import Ingested
from assay.data.pack import pack, rearranged
from assay.data.packed import unpack
from assay.fault import Fault
from assay.params.preprocess import Packing

CLASSES = ["cat", "dog"]


def ingested(path, images):
    """Bare pixels h w c, or files, as ingest leaves them."""
    rows, offset = [], 0
    with path.open("wb") as file:
        for image in images:
            bare = isinstance(image, np.ndarray)
            length = file.write(image.tobytes() if bare else image)
            shape = image.shape if bare else np.asarray(Image.open(io.BytesIO(image))).shape
            rows.append((f"{len(rows)}.png", *shape, offset, length, bare))
            offset += length
    columns = ["name", "height", "width", "channels", "offset", "length", "bare"]
    return Ingested(path, pd.DataFrame(rows, columns=columns), None, [])


def rows(places, labels=None):
    """Images at these places of the source."""
    names = [f"image {place}" for place in places]
    labels = pd.Series(labels or [None] * len(places), dtype="string")
    return pd.DataFrame({"place": places, "name": names, "label": labels})


@pytest.fixture
def packed(tmp_path):
    """Pack and open again."""

    def packed(source, index, size, name="train", channels=None, **more):
        folder, wanted = tmp_path / name, Packing(size=size, **more)
        there = ingested(tmp_path / "images.bin", source)
        c = channels or there.table["channels"].max()
        pack(there, index, CLASSES, packing=wanted, channels=int(c), folder=folder)
        return unpack(folder)

    return packed


def test_what_was_packed_comes_back_in_the_order_of_the_index(packed, pixels):
    source = pixels(5, 6, 4, 2)
    got = packed(source, rows([3, 0, 4], ["dog", "cat", "dog"]), (6, 4))
    assert np.array_equal(got.images, source[[3, 0, 4]])
    assert got.labels.tolist() == [1, 0, 1]
    assert got.table["place"].tolist() == [3, 0, 4]
    assert got.table["name"].tolist() == ["image 3", "image 0", "image 4"]
    assert got.meta["classes"] == CLASSES


def test_images_without_a_label_have_the_label_minus_1(packed, pixels):
    assert packed(pixels(2, 4, 4, 1), rows([0, 1]), (4, 4)).labels.tolist() == [-1, -1]


def test_meta_tells_the_shape_before_and_after(packed, pixels):
    meta = packed(pixels(2, 6, 4, 3), rows([0, 1]), (5, 7), fit="pad").meta
    assert (meta["source_shape"], meta["shape"]) == ([3, 6, 4], [3, 5, 7])
    assert meta["fit"] == "pad"


def test_meta_tells_of_a_subset_where_there_is_one(tmp_path, pixels):
    source, index = ingested(tmp_path / "images.bin", pixels(2, 4, 4, 1)), rows([0, 1])
    how = {"packing": Packing(size=(4, 4)), "channels": 1}
    for name, subset in (("part", 300), ("whole", None)):
        pack(source, index, CLASSES, **how, subset=subset, folder=tmp_path / name)
    assert unpack(tmp_path / "part").meta["subset"] == 300
    assert "subset" not in unpack(tmp_path / "whole").meta


def test_images_of_many_shapes_have_no_source_shape(packed, pixels):
    source = [pixels(1, 6, 4, 3)[0], pixels(1, 4, 6, 3)[0]]
    assert packed(source, rows([0, 1]), (5, 7)).meta["source_shape"] is None


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("size", [(6, 4), (5, 7)])
def test_mean_and_deviation_are_numpys_over_all_pixels_of_each_channel(
    packed, pixels, size, channels
):
    source = pixels(7, 6, 4, channels) // np.array([1, 2, 5], np.uint8)[:channels]
    got = packed(source, rows([0, 2, 4, 6]), size)
    shares = got.images.astype(np.float64) / 255
    np.testing.assert_allclose(got.meta["mean"], shares.mean(axis=(0, 1, 2)), rtol=1e-12)
    np.testing.assert_allclose(got.meta["deviation"], shares.std(axis=(0, 1, 2)), rtol=1e-9)


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_channel_that_never_varies_has_the_deviation_zero_exactly(packed, value):
    source = np.full((300, 4, 4, 1), value, np.uint8)
    assert packed(source, rows(list(range(300))), (4, 4)).meta["deviation"] == [0.0]


def test_packing_in_small_pieces_leaves_the_same_bytes(packed, pixels, monkeypatch, tmp_path):
    source, index = pixels(7, 6, 4, 3), rows([6, 5, 4, 3, 2, 1, 0], ["cat"] * 7)
    packed(source, index, (3, 3), "one")
    monkeypatch.setattr(packing, "AT_ONCE", 2)
    packed(source, index, (3, 3), "many")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "many" / path.name).read_bytes()


def test_an_empty_split_is_packed_as_no_images_of_the_same_shape(packed, pixels):
    got = packed(pixels(2, 6, 4, 3), rows([]), (5, 7), name="unlabelled")
    assert got.images.shape == (0, 5, 7, 3)
    assert (len(got.labels), len(got.table)) == (0, 0)
    assert np.isfinite(got.meta["mean"] + got.meta["deviation"]).all()


@pytest.mark.parametrize("change", ["a pixel", "a label", "the order"])
def test_the_hash_is_that_of_pixels_and_labels(packed, pixels, change):
    source, places, labels = pixels(2, 4, 4, 1), [0, 1], ["cat", "cat"]
    before = packed(source, rows(places, labels), (4, 4)).meta["hash"]
    assert packed(source.copy(), rows(places, labels), (4, 4)).meta["hash"] == before
    if change == "a pixel":
        source[1, 3, 3, 0] ^= 1
    elif change == "a label":
        labels = ["cat", "dog"]
    else:
        places = [1, 0]
    assert packed(source, rows(places, labels), (4, 4)).meta["hash"] != before


def test_opening_reads_nothing_and_writing_to_it_changes_no_file(packed, pixels, tmp_path):
    source = pixels(2, 4, 4, 1)
    got = packed(source, rows([0, 1]), (4, 4))
    assert isinstance(got.images, np.memmap)
    got.images[:] = 0
    assert np.array_equal(unpack(tmp_path / "train").images, source)


def test_files_are_decoded_and_bare_pixels_taken_as_they_are(packed, pixels):
    image = pixels(1, 6, 4, 3)[0]
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    got = packed([image, file.getvalue()], rows([0, 1]), (6, 4))
    assert np.array_equal(got.images[0], image)
    assert np.array_equal(got.images[1], image)


def part(tmp_path, pixels, bare, label="cat", **words):
    there = ingested(tmp_path / "images.bin", pixels(40, 2, 2, 1))
    there.table["bare"] = bare
    labels = [label and f"{label} {n}" for n in range(40)]
    split = pd.DataFrame({"label": labels}, index=there.table.index)[10:]
    return rearranged(there, split, **words)


def test_a_shuffled_part_has_every_image_once_and_always_in_the_same_order(tmp_path, pixels):
    one, two = (part(tmp_path, pixels, bare=False, shuffled=True) for _ in range(2))
    assert one.equals(two)
    assert one["place"].tolist() != list(range(10, 40))
    assert sorted(one["place"]) == list(range(10, 40))
    assert (one["name"] == one["place"].astype(str) + ".png").all()
    assert (one["label"] == "cat " + one["place"].astype(str)).all()


def test_unlabelled_bare_pixels_go_by_their_number_from_1(tmp_path, pixels):
    labelled = part(tmp_path, pixels, bare=True, shuffled=False)
    assert labelled["name"].tolist() == [f"{n}.png" for n in range(10, 40)]
    table = part(tmp_path, pixels, bare=True, label=None, shuffled=False)
    assert table["name"].tolist() == [str(n) for n in range(1, 31)]


@pytest.mark.parametrize("content", [b"", b"{", bytes(range(200))])
@pytest.mark.parametrize("name", ["images.npy", "labels.npy", "index.parquet", "meta.json"])
def test_a_damaged_file_is_told_in_one_line_with_the_folder(
    packed, pixels, tmp_path, name, content
):
    packed(pixels(2, 4, 4, 1), rows([0, 1], ["dog", "cat"]), (4, 4))
    (tmp_path / "train" / name).write_bytes(content)
    with pytest.raises(Fault, match=r"train: damaged \(.*`dvc repro preprocess` brings it back"):
        unpack(tmp_path / "train")


def test_an_array_that_is_cut_off_is_damaged(packed, pixels, tmp_path):
    packed(pixels(9, 4, 4, 1), rows(range(9), ["dog", "cat", "dog"] * 3), (4, 4))
    file = tmp_path / "train" / "images.npy"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Fault, match="damaged"):
        unpack(tmp_path / "train")
