"""What the data are: counts by class and split, equal images, labels that contradict."""

import hashlib
from typing import Any

import pandas as pd

from assay.params.split import PARTS

EXAMPLES = 20


def audit(index: pd.DataFrame, classes: list[str]) -> dict[str, Any]:
    """Count an index with the columns source, row, label, hash and split."""
    labelled = index[index["source"] == "labelled"]
    table = pd.crosstab(labelled["label"], labelled["split"]).reindex(
        index=classes, columns=[*PARTS, "unused"], fill_value=0
    )
    sizes = table.sum()
    return {
        "classes": classes,
        "images": {
            "labelled": len(labelled),
            "unlabelled": len(index) - len(labelled),
            "used": int(sizes[list(PARTS)].sum()),
        },
        "splits": {name: int(size) for name, size in sizes.items()}
        | {"unlabelled": len(index) - len(labelled)},
        "per_class": {
            str(name): {str(part): int(count) for part, count in row.items()}
            for name, row in table.iterrows()
        },
        "duplicates": _duplicates(index),
    }


def fingerprint(index: pd.DataFrame) -> str:
    """SHA-256 of all pixels and labels in order, whatever file they came from."""
    lines = index["hash"] + " " + index["label"].fillna("")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _duplicates(index: pd.DataFrame) -> dict[str, Any]:
    equal = index[index.duplicated("hash", keep=False)]
    groups = [group for _, group in equal.groupby("hash", sort=False)]
    apart = [
        group for group in groups if group.loc[group["split"] != "unused", "split"].nunique() > 1
    ]
    conflicting = [group for group in groups if group["label"].dropna().nunique() > 1]
    shown = {id(group): group for group in [*conflicting, *apart, *groups]}
    return {
        "repeated_images": int(index.duplicated("hash").sum()),
        "across_splits": len(apart),
        "conflicting_labels": len(conflicting),
        "also_in_train": {part: _also_in_train(index, part) for part in ("val", "test")},
        "examples": [_example(group) for group in list(shown.values())[:EXAMPLES]],
    }


def _also_in_train(index: pd.DataFrame, part: str) -> int:
    """How many images of a part have an equal one among those to train on."""
    known = index.loc[index["split"] == "train", "hash"]
    return int(index.loc[index["split"] == part, "hash"].isin(known).sum())


def _example(group: pd.DataFrame) -> dict[str, list[str]]:
    return {
        "images": (group["source"] + ":" + (group["row"] + 1).astype(str)).tolist(),
        "splits": list(group["split"]),
        "labels": ["" if pd.isna(label) else label for label in group["label"]],
    }
