"""What a run said of every image: full probabilities for people, the gist for the report."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float

from assay.data.packed import Packed
from assay.evaluation.scores import Outcomes, Score, confusion, outcomes, per_class, scores
from assay.files import replacing
from assay.params.quantities import TTA


def outcome_table(
    split: str,
    packed: Packed,
    probabilities: Float[np.ndarray, "n k"],
    averaged: Float[np.ndarray, "n k"] | None = None,
) -> pd.DataFrame:
    """One row an image, in the order of the source; the index is the row in `packed`.

    Columns: split, image (place in the source), name, label (-1: none), prediction, confidence,
    loss (nats), rank (how many classes came before the true one); the last two only say something
    where there is a label. What was `averaged` over views has the last four again, as
    prediction_tta and so on.
    """
    table = pd.DataFrame(
        {
            "split": split,
            "image": packed.table["place"].to_numpy(),
            "name": packed.table["name"].to_numpy(),
            "label": packed.labels.astype(np.int32),
        }
        | _said(probabilities, packed)
    )
    if averaged is not None:
        again = _said(averaged, packed)
        table = table.assign(**{f"{name}{TTA}": values for name, values in again.items()})
    return table.sort_values("image")


def _said(probabilities: Float[np.ndarray, "n k"], packed: Packed) -> dict[str, Any]:
    found = outcomes(probabilities, packed.labels)
    unknown = packed.labels < 0
    return {
        "prediction": found.predictions.astype(np.int32),
        "confidence": found.confidences,
        "loss": np.where(unknown, np.nan, found.losses),
        "rank": np.where(unknown, -1, found.ranks).astype(np.int32),
    }


def outcomes_in(table: pd.DataFrame, classes: int, suffix: str = "") -> Outcomes:
    """The labelled rows of an outcome table; with suffix `TTA` what was averaged over views."""
    rows = table[table["label"] >= 0]
    return Outcomes(
        labels=rows["label"].to_numpy(),
        predictions=rows[f"prediction{suffix}"].to_numpy(int),
        confidences=rows[f"confidence{suffix}"].to_numpy(),
        losses=rows[f"loss{suffix}"].to_numpy(),
        ranks=rows[f"rank{suffix}"].to_numpy(int),
        classes=classes,
    )


def scores_in(table: pd.DataFrame, classes: int, *, bins: int) -> dict[str, Score]:
    """Every score of one split's table; of what was averaged over views too, as accuracy_tta."""
    found = scores(outcomes_in(table, classes), bins=bins)
    if f"prediction{TTA}" not in table.columns or table[f"prediction{TTA}"].isna().any():
        return found
    again = scores(outcomes_in(table, classes, TTA), bins=bins)
    return found | {f"{name}{TTA}": one for name, one in again.items()}


def judged(table: pd.DataFrame, classes: list[str], *, bins: int) -> dict[str, Any]:
    """All that is said of one split: scores, per class, confusion."""
    of = outcomes_in(table, len(classes))
    found = scores_in(table, len(classes), bins=bins)
    return {
        "images": len(of.labels),
        "scores": {name: one.value for name, one in found.items()},
        "per_class": per_class(of, classes),
        "confusion": confusion(of).tolist(),
    }


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
