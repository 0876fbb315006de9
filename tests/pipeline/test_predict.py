"""Prediction of the raw files, by the real stage, says what evaluation said of their images."""

import io
import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq


def test_the_raw_files_are_answered_as_evaluation_did_image_by_image(finished):
    raw = ["data/raw/shapes.csv", "data/raw/more.csv"]
    words = ["python", "stages/predict.py", "--model", "models/plain-0", *raw]
    done = finished.call(*words, PYTHONPATH="src")
    assert done.returncode == 0, done.stderr
    told = pd.read_csv(io.StringIO(done.stdout))
    rows = [
        (file, f"{file.rpartition('/')[2]}:{n + 1}") for file in raw for n in range(count(file))
    ]
    assert [*zip(told["file"], told["image"], strict=True)] == rows
    path = finished.folder / "predictions/plain-0.parquet"
    classes = json.loads(pq.read_schema(path).metadata[b"classes"])
    assert [*told.columns[3:]] == [f"p({name})" for name in classes]
    known = pd.read_parquet(path)
    bare = known["split"] == "unlabelled"  # go by their number alone
    known.loc[bare, "image"] = "more.csv:" + known["image"]
    known = known.set_index("image").loc[told["image"]]
    assert told["label"].tolist() == known["prediction"].tolist()
    shares = known[[f"p{k}" for k in range(len(classes))]]
    np.testing.assert_allclose(told.iloc[:, 3:], shares, rtol=1e-3, atol=1e-5)


def count(file):
    """Images in a file of `write_shapes`."""
    return 72 if file.endswith("shapes.csv") else 9
