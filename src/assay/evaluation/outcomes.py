"""What a run said of every image: full probabilities for people, the gist for the report."""

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
    """One row an image, in the order of the source; the index is the row in `packed`.

    Columns: split, image (place in the source), name, label (-1: none), prediction, confidence,
    loss (nats).
    """
    labelled = packed.labels >= 0
    loss = np.full(len(labelled), np.nan, np.float32)
    loss[labelled] = losses(probabilities[labelled], packed.labels[labelled])
    table = pd.DataFrame(
        {
            "split": split,
            "image": packed.table["place"].to_numpy(),
            "name": packed.table["name"].to_numpy(),
            "label": packed.labels.astype(np.int32),
            "prediction": probabilities.argmax(1).astype(np.int32),
            "confidence": probabilities.max(1, initial=0),
            "loss": loss,
        }
    )
    return table.sort_values("image")


def write_predictions(
    path: Path,
    outcomes: pd.DataFrame,
    probabilities: Float[np.ndarray, "n k"],
    classes: list[str],
) -> None:
    """Parquet for people: split, image by name, label, prediction, then p0, p1, … by class.

    The classes, in the order of the columns, are in the file's metadata under `classes`, as JSON.
    """
    names = np.array([*classes, None], dtype=object)  # label -1 is the last: none
    columns = {
        "split": outcomes["split"].to_numpy(),
        "image": outcomes["name"].to_numpy(),
        "label": names[outcomes["label"]],
        "prediction": names[outcomes["prediction"]],
    } | {f"p{k}": probabilities[:, k] for k in range(len(classes))}
    table = pa.table(columns).replace_schema_metadata({"classes": json.dumps(classes)})
    with replacing(path) as beside:
        pq.write_table(table, beside)


def submission(outcomes: pd.DataFrame, classes: list[str]) -> str:
    """Kaggle's `ImageId,Label` of the unlabelled images in the order of the source."""
    rows = outcomes[outcomes["split"] == "unlabelled"]
    labels = [classes[code] for code in rows["prediction"]]
    table = pd.DataFrame({"ImageId": rows["name"].to_numpy(), "Label": labels})
    return table.to_csv(index=False, lineterminator="\n")
