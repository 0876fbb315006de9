"""Laws of the files of predictions."""

import csv
import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from assay.data.packed import Packed
from assay.evaluation.outcomes import outcome_table, write_predictions, write_submission
from assay.evaluation.scores import losses

CLASSES = ["a, b", 'say "hi"', "😀", "two\nlines", " <b>&amp; ", "7"]
LABELS = np.array([0, 3, -1, 5, 2])
SHARES = np.random.default_rng(0).dirichlet(np.ones(6), 5).astype(np.float32)


def packed(labels=LABELS):
    rows = np.arange(len(labels)) * 3 + 1
    return Packed(np.zeros((len(labels), 1, 2, 2), np.uint8), np.array(labels, np.int64), rows, {})


@pytest.fixture
def table():
    return outcome_table("test", packed(), SHARES)


def test_an_outcome_tells_row_label_prediction_confidence_and_loss(table):
    assert table["image"].tolist() == [1, 4, 7, 10, 13]
    assert table["label"].tolist() == LABELS.tolist()
    assert table["prediction"].tolist() == SHARES.argmax(1).tolist()
    assert table["confidence"].to_numpy() == pytest.approx(SHARES.max(1))
    known = LABELS >= 0
    assert table["loss"][known].to_numpy() == pytest.approx(losses(SHARES[known], LABELS[known]))
    assert table["loss"][~known].isna().all()


def test_a_split_without_images_has_no_outcomes():
    empty = outcome_table("unlabelled", packed([]), np.zeros((0, 6), np.float32))
    assert len(empty) == 0
    both = pd.concat([outcome_table("test", packed(), SHARES), empty])
    assert both["label"].dtype == np.int32


def test_class_names_survive_in_the_predictions(table, tmp_path):
    write_predictions(tmp_path / "p.parquet", table, SHARES, CLASSES)
    found = pq.read_table(tmp_path / "p.parquet").to_pydict()
    assert found["label"] == [CLASSES[label] if label >= 0 else None for label in LABELS]
    assert found["prediction"] == [CLASSES[best] for best in SHARES.argmax(1)]
    assert found["image"] == table["image"].tolist()
    assert set(found["split"]) == {"test"}


def test_every_score_can_be_computed_again_from_the_predictions(table, tmp_path):
    write_predictions(tmp_path / "p.parquet", table, SHARES, CLASSES)
    read = pq.read_table(tmp_path / "p.parquet")
    classes = json.loads(read.schema.metadata[b"classes"])
    assert classes == CLASSES
    shares = read.select([f"p{k}" for k in range(len(classes))]).to_pandas().to_numpy()
    assert (shares == SHARES).all()


def test_the_same_predictions_are_the_same_bytes(table, tmp_path):
    for name in ("a", "b"):
        write_predictions(tmp_path / name, table, SHARES, CLASSES)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_submission_counts_from_1_and_keeps_class_names(tmp_path):
    write_submission(tmp_path / "s.csv", pd.Series(range(6)), CLASSES)
    with (tmp_path / "s.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [["ImageId", "Label"], *([str(k + 1), name] for k, name in enumerate(CLASSES))]
    again = pd.read_csv(tmp_path / "s.csv", dtype=str)
    assert again["Label"].tolist() == CLASSES


def test_a_submission_of_nothing_is_its_header(tmp_path):
    write_submission(tmp_path / "s.csv", pd.Series([], dtype=np.int64), [])
    assert (tmp_path / "s.csv").read_text() == "ImageId,Label\n"


def test_a_submission_needs_a_label_for_every_image(tmp_path):
    with pytest.raises(ValueError, match="zip"):
        write_submission(tmp_path / "s.csv", pd.Series(range(3)), ["1", "2"])
    assert not list(tmp_path.iterdir())
