"""What a run said of every image: full probabilities for people, the gist for the report."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float

from assay.data.packed import Packed
from assay.evaluation.scores import losses
from assay.files import replacing


def outcome_table(
    split: str, packed: Packed, probabilities: Float[np.ndarray, "n k"]
) -> pd.DataFrame:
    """One row an image: split, row in its file, label (-1: none), prediction, confidence, loss."""
    labelled = packed.labels >= 0
    loss = np.full(len(labelled), np.nan, np.float32)
    loss[labelled] = losses(probabilities[labelled], packed.labels[labelled])
    return pd.DataFrame(
        {
            "split": split,
            "image": packed.rows,
            "label": packed.labels.astype(np.int32),
            "prediction": probabilities.argmax(1).astype(np.int32),
            "confidence": probabilities.max(1, initial=0),
            "loss": loss,
        }
    )


def write_predictions(
    path: Path,
    outcomes: pd.DataFrame,
    probabilities: Float[np.ndarray, "n k"],
    classes: list[str],
) -> None:
    """Parquet for people: split, image, label, prediction by class name, then p0, p1, … by class.

    The classes, in the order of the columns, are in the file's metadata under `classes`, as JSON.
    """
    names = np.array([*classes, None], dtype=object)  # label -1 is the last: none
    columns = {
        "split": outcomes["split"].to_numpy(),
        "image": outcomes["image"].to_numpy(),
        "label": names[outcomes["label"]],
        "prediction": names[outcomes["prediction"]],
    } | {f"p{k}": probabilities[:, k] for k in range(len(classes))}
    table = pa.table(columns).replace_schema_metadata({"classes": json.dumps(classes)})
    with replacing(path) as beside:
        pq.write_table(table, beside)


def write_submission(path: Path, images: "pd.Series[int]", labels: list[str]) -> None:
    """Kaggle's `ImageId,Label`; ids count from 1 in file order."""
    with replacing(path) as beside, beside.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["ImageId", "Label"])
        rows.writerows(zip(images + 1, labels, strict=True))
