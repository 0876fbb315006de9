"""Laws of answers for new images, and of the stage that writes them as a CSV."""

import io
import re
import runpy
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data.sources.conftest import store
from evaluation.conftest import META
from PIL import Image

from assay.data.fit import fitted
from assay.data.packed import Packed
from assay.data.sources.reading import Found, Reading
from assay.evaluation.answers import answers
from assay.evaluation.classify import Classifier
from assay.fault import Fault
from assay.params.preprocess import Fit

STAGE = Path(__file__).parents[2] / "stages/predict.py"
COLUMNS = ["image", "label", *(f"p({name})" for name in META["classes"])]


def pixels(seed, *, height=8, width=8):
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def png(image):
    Image.fromarray(image).save(file := io.BytesIO(), "png")
    return file.getvalue()


def reading(*contents):
    """Images as a source finds them; a Fault is handed on."""
    found = [
        one if isinstance(one, Fault) else Found(place, f"{place}.png", None, None, one)
        for place, one in enumerate(contents)
    ]
    return Reading(iter(found), total=len(found))


def refuse(fault):
    raise fault


def shares(table):
    return table[[name for name in table.columns if name.startswith("p(")]].to_numpy()


@pytest.mark.parametrize("fit", get_args(Fit))
def test_an_image_is_answered_as_the_network_does_what_training_would_have_packed(
    folder, fit, monkeypatch
):
    monkeypatch.setattr("assay.evaluation.answers.AT_ONCE", 3)
    images = [png(pixels(n, height=6 + n, width=20 - n)) for n in range(7)]
    classifier = Classifier(folder, "last", 4)
    tables = list(answers(classifier, reading(*images), on_bad=refuse))
    assert [len(table) for table in tables] == [3, 3, 1]
    told = pd.concat(tables)
    packed = np.stack([fitted(image, (8, 8), fit, 1) for image in images])
    found = classifier.probabilities(Packed(packed, np.full(7, -1), pd.DataFrame(), META))
    assert [*told.columns] == COLUMNS
    assert told["image"].tolist() == [f"{n}.png" for n in range(7)]
    np.testing.assert_allclose(shares(told), found, rtol=1e-4, atol=1e-6)
    assert told["label"].tolist() == [META["classes"][best] for best in found.argmax(1)]
    assert len(np.unique(found[:, 0].round(6))) == 7  # so that the order shows


def test_what_is_no_image_is_told_by_name_and_changes_no_other_answer(folder):
    good, heard = [png(pixels(n)) for n in range(3)], []
    classifier = Classifier(folder, "last", 4)
    [whole] = answers(classifier, reading(*good), on_bad=refuse)
    mixed = reading(good[0], b"none", good[1], Fault("x.png: no such file"), good[2])
    [told] = answers(classifier, mixed, on_bad=lambda fault: heard.append(str(fault)))
    np.testing.assert_allclose(shares(told), shares(whole), rtol=1e-4, atol=1e-6)
    assert told["image"].tolist() == ["0.png", "2.png", "4.png"]
    assert heard[0].startswith("1.png: ")
    assert heard[1:] == ["x.png: no such file"]


@pytest.fixture
def predict(folder, tmp_path, monkeypatch, capsys):
    """Run the stage beside the model's folder; what it wrote to standard output and error."""
    monkeypatch.delenv("DVC_STAGE", raising=False)
    monkeypatch.chdir(tmp_path)

    def predict(*words, model=folder):
        given = ["predict.py", "--model", model, *words]
        monkeypatch.setattr(sys, "argv", [str(word) for word in given])
        runpy.run_path(str(STAGE), run_name="__main__")
        return capsys.readouterr()

    return predict


@pytest.fixture
def refused(predict, tmp_path):
    """Run the stage, which must end in one line, exit code 1, and files as they were."""

    def everything():
        return {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}

    def refused(*words, **more):
        before = everything()
        with pytest.raises(SystemExit) as ended:
            predict(*words, **more)
        assert re.fullmatch("error: [^\n]+; [^\n]+", ended.value.code)  # Python exits with 1
        assert everything() == before
        return ended.value.code.removeprefix("error: ")

    return refused


def every_kind(tmp_path, images):
    """Paths of all kinds that hold the same images, and what these are called there."""
    files = {f"{n}.png": png(image) for n, image in enumerate(images)}
    folder, archive = store(tmp_path, files), store(tmp_path, files, "tar.gz", top="")
    zipped = store(tmp_path, files, "zip", top="")
    (tmp_path / "paths.csv").write_text("filepaths,label\nroot/0.png,?\nroot/1.png,?\n")
    flat = pd.DataFrame(np.stack(images).reshape(2, -1)).add_prefix("pixel")
    flat.assign(label="unknown").to_csv(tmp_path / "pixels.csv", index=False)
    pq.write_table(pa.table({"image": [*files.values()]}), tmp_path / "images.parquet")
    return {
        folder / "1.png": ["1.png"],
        folder: [*files],
        zipped: [*files],
        archive: [*files],
        tmp_path / "paths.csv": [f"root/{name}" for name in files],
        tmp_path / "pixels.csv": ["pixels.csv:1", "pixels.csv:2"],
        tmp_path / "images.parquet": ["images.parquet:1", "images.parquet:2"],
    }


def test_paths_of_all_kinds_are_answered_alike_row_by_row_in_the_order_given(predict, tmp_path):
    images = [pixels(0), pixels(1)]
    kinds = every_kind(tmp_path, images)
    told = pd.read_csv(io.StringIO(predict(*kinds).out))
    assert [*told.columns] == ["file", *COLUMNS]
    rows = [(str(path), name) for path, names in kinds.items() for name in names]
    assert [*zip(told["file"], told["image"], strict=True)] == rows
    of_two = shares(told)[1:3]
    assert abs(of_two[0] - of_two[1]).max() > 1e-4
    expected = np.concatenate([of_two[1:], *[of_two] * 6])
    np.testing.assert_allclose(shares(told), expected, rtol=1e-4, atol=1e-6)


def test_a_file_has_the_bytes_that_are_else_printed_and_older_ones_are_replaced(predict, tmp_path):
    image = tmp_path / "a.png"
    image.write_bytes(png(pixels(0)))
    (tmp_path / "out.csv").write_text("older")
    assert predict("--output", "out.csv", image).out == ""
    assert (tmp_path / "out.csv").read_bytes() == predict(image).out.encode()


def test_an_unreadable_image_ends_it_unless_it_is_to_be_skipped(predict, refused, tmp_path):
    root = store(tmp_path, {"a.png": png(pixels(0)), "b.png": b"none", "c.png": png(pixels(1))})
    (tmp_path / "out.csv").write_text("older")
    assert refused("--output", "out.csv", root / "a.png", root).startswith("b.png: ")
    said = predict("--skip-bad", "--output", "out.csv", root).err
    assert re.fullmatch("warning: left out: b.png: [^\n]+\n", said)
    assert pd.read_csv(tmp_path / "out.csv")["image"].tolist() == ["a.png", "c.png"]
    told = refused("--skip-bad", "--output", "out.csv", root / "b.png")
    assert "no image could be read" in told
    assert pd.read_csv(tmp_path / "out.csv")["image"].tolist() == ["a.png", "c.png"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["none.png"], "none.png: no such file"),
        (["a.png", "none.zip"], "none.zip: no such "),
        (["--weights", "epoch-003", "a.png"], "model: no weights 'epoch-003'; choose best or last"),
        (["--output", "root/../a.png", "a.png"], "root/../a.png: is one of the files to read"),
        (["--output", "root/b.png", "a.png", "root"], "root/b.png: is in a folder to read"),
        (["--output", "root", "a.png"], "root: is a folder"),
    ],
)
def test_what_cannot_be_is_refused(refused, folder, tmp_path, words, told):
    folder.rename(tmp_path / "model")
    store(tmp_path, {"b.png": png(pixels(1))})
    (tmp_path / "a.png").write_bytes(png(pixels(0)))
    output = [] if "--output" in words else ["--output", "out.csv"]
    assert refused(*output, *words, model="model").startswith(told)


def test_a_folder_that_is_no_model_is_named(refused, tmp_path):
    (tmp_path / "a.png").write_bytes(png(pixels(0)))
    assert refused("--output", "out.csv", "a.png", model=".").startswith(".: no saved model (")
