"""Laws of the files of predictions."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from assay.data.packed import Packed
from assay.evaluation import scores
from assay.evaluation.outcomes import (
    judged,
    outcome_table,
    outcomes_in,
    submission,
    write_predictions,
)

CLASSES = ["a, b", 'say "hi"', "😀", "two\nlines", " <b>&amp; ", "7"]
LABELS = np.array([0, 3, -1, 5, 2])
SHARES = np.random.default_rng(0).dirichlet(np.ones(6), 5).astype(np.float32)


def packed(labels=LABELS):
    places = np.arange(len(labels))[::-1] * 3 + 1
    table = pd.DataFrame({"place": places, "name": [f"{place}.png" for place in places]})
    images = np.zeros((len(labels), 2, 2, 1), np.uint8)
    return Packed(images, np.array(labels, np.int64), table, {})


@pytest.fixture
def table():
    return outcome_table("test", packed(), SHARES)


def test_an_outcome_tells_row_label_prediction_confidence_and_loss(table):
    rows = table.index
    assert table["image"].tolist() == [1, 4, 7, 10, 13]
    assert table["name"].tolist() == ["1.png", "4.png", "7.png", "10.png", "13.png"]
    assert rows.tolist() == [4, 3, 2, 1, 0]
    assert table["label"].tolist() == LABELS[rows].tolist()
    assert table["prediction"].tolist() == SHARES[rows].argmax(1).tolist()
    assert table["confidence"].to_numpy() == pytest.approx(SHARES[rows].max(1))
    known = (table["label"] >= 0).to_numpy()
    own = scores.outcomes(SHARES[rows][known], LABELS[rows][known])
    assert table["loss"][known].to_numpy() == pytest.approx(own.losses)
    assert table["rank"][known].tolist() == own.ranks.tolist()
    assert table["loss"][~known].isna().all()
    again = outcomes_in(table, 6)
    for name in ("labels", "predictions", "confidences", "losses", "ranks"):
        assert getattr(again, name).tolist() == getattr(own, name).tolist()


def test_a_split_without_images_has_no_outcomes():
    empty = outcome_table("unlabelled", packed([]), np.zeros((0, 6), np.float32))
    assert len(empty) == 0
    both = pd.concat([outcome_table("test", packed(), SHARES), empty])
    assert both["label"].dtype == np.int32


def test_class_names_survive_in_the_predictions(table, tmp_path):
    write_predictions(tmp_path / "p.parquet", table, SHARES[table.index], CLASSES)
    found = pq.read_table(tmp_path / "p.parquet").to_pydict()
    assert found["label"] == [CLASSES[label] if label >= 0 else None for label in table["label"]]
    assert found["prediction"] == [CLASSES[best] for best in table["prediction"]]
    assert found["image"] == table["name"].tolist()
    assert set(found["split"]) == {"test"}


def test_every_score_can_be_computed_again_from_the_predictions(table, tmp_path):
    write_predictions(tmp_path / "p.parquet", table, SHARES[table.index], CLASSES)
    read = pq.read_table(tmp_path / "p.parquet")
    classes = json.loads(read.schema.metadata[b"classes"])
    assert classes == CLASSES
    shares = read.select([f"p{k}" for k in range(len(classes))]).to_pandas().to_numpy()
    assert (shares == SHARES[table.index]).all()


def test_the_same_predictions_are_the_same_bytes(table, tmp_path):
    for name in ("a", "b"):
        write_predictions(tmp_path / name, table, SHARES, CLASSES)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def outcomes(names, split="unlabelled"):
    answers = np.arange(len(names)) % len(CLASSES)
    return pd.DataFrame({"split": split, "name": names, "prediction": answers})


def test_a_submission_names_images_and_keeps_class_names():
    names = ["1", "a,b.png", "3", "4", "5", "6"]
    text = submission(pd.concat([outcomes(["x"], "test"), outcomes(names)]), CLASSES)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows == [["ImageId", "Label"], *map(list, zip(names, CLASSES, strict=True))]
    assert pd.read_csv(io.StringIO(text), dtype=str)["Label"].tolist() == CLASSES


def test_a_submission_of_nothing_is_its_header():
    assert submission(outcomes(["x"], "test"), CLASSES) == "ImageId,Label\n"


def test_all_that_is_said_of_a_split_is_json_without_nan(table):
    found = judged(table, CLASSES, bins=10)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["images"] == 4
    assert np.sum(found["confusion"]) == 4
    assert list(found["per_class"]) == CLASSES
    known = LABELS >= 0
    again = scores.scores(scores.outcomes(SHARES[known], LABELS[known]), bins=10)
    assert found["scores"] == pytest.approx({name: one.value for name, one in again.items()})


def test_what_was_averaged_over_views_has_scores_of_its_own():
    better = np.eye(6, dtype=np.float32)[LABELS]
    both = outcome_table("test", packed(), SHARES, better)
    plain = judged(both, CLASSES, bins=10)["scores"]
    assert plain["accuracy_tta"] == 1
    assert (
        plain["accuracy"]
        == judged(outcome_table("test", packed(), SHARES), CLASSES, bins=10)["scores"]["accuracy"]
    )
    mixed = pd.concat([both, outcome_table("train", packed(), SHARES)])
    rows = mixed[mixed["split"] == "train"]
    assert "accuracy_tta" not in judged(rows, CLASSES, bins=10)["scores"]
    again = judged(mixed[mixed["split"] == "test"], CLASSES, bins=10)["scores"]
    assert again == plain
