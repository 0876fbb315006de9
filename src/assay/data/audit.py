"""What the data are and what spoils them: counts, sizes, duplicates, labels that contradict."""

import hashlib
from typing import Any

import pandas as pd

from assay.data.classes import Classes
from assay.data.repeats import equal_images, near_images
from assay.fault import some
from assay.params.split import PARTS

SKIPPED = 20  # lines


def audit(table: pd.DataFrame, classes: Classes, skipped: list[str]) -> dict[str, Any]:
    """Count a table of images: label, split, hash, near (a number, the same for near-equal images).

    Also used: name, width, height, channels. `skipped` are the images left out, one line each.
    """
    labelled = table[table["label"].notna()]
    counts = pd.crosstab(labelled["label"], labelled["split"]).reindex(
        index=classes.names, columns=[*PARTS, "unused"], fill_value=0
    )
    sizes, unlabelled = counts.sum(), len(table) - len(labelled)
    meant = counts.groupby(lambda name: classes.proposed.get(name, name), sort=False).sum()
    return {
        "classes": classes.names,
        "images": {
            "labelled": len(labelled),
            "unlabelled": unlabelled,
            "used": int(sizes[list(PARTS)].sum()),
            "skipped": len(skipped),
        },
        "splits": {str(name): int(n) for name, n in sizes.items()} | {"unlabelled": unlabelled},
        "per_class": {
            str(name): {str(part): int(count) for part, count in row.items()}
            for name, row in counts.iterrows()
        },
        "missing": _missing(meant),
        "imbalance": _imbalance(meant.sum(axis=1)),
        "sizes": _sizes(table),
        "skipped": skipped[:SKIPPED],
        "duplicates": equal_images(table),
        "near_duplicates": near_images(table),
        "problems": classes.problems,
        "warnings": classes.warnings,
    }


def lacks(missing: dict[str, list[str]], most: int = 5) -> list[str]:
    """What is missing by split, in words: of at most so many classes by name."""
    return [
        f"{part} has no image of {some(names, most)}" for part, names in missing.items() if names
    ]


def fingerprint(table: pd.DataFrame) -> str:
    """SHA-256 of the hashes of all images and of their labels, whatever file they came from."""
    lines = table["hash"] + " " + table["label"].fillna("")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _missing(counts: pd.DataFrame) -> dict[str, list[str]]:
    """The classes of which a split has no image, but for splits and classes without any."""
    there = counts[counts.any(axis=1)]
    return {
        part: [str(name) for name in there.index[there[part] == 0]] if there[part].any() else []
        for part in PARTS
    }


def _imbalance(sizes: "pd.Series[int]") -> dict[str, int]:
    """How many images the largest and the smallest class have."""
    there = sizes[sizes > 0]
    return {"largest": int(there.max()), "smallest": int(there.min())} if len(there) else {}


def _sizes(table: pd.DataFrame) -> dict[str, Any]:
    """Pixels of the sides, and how many images have so many channels."""
    sides = {
        side: {
            "min": int(table[side].min()),
            "median": float(table[side].median()),
            "max": int(table[side].max()),
        }
        for side in ("height", "width")
    }
    channels = {str(c): int(n) for c, n in table["channels"].value_counts().sort_index().items()}
    shapes = len(table[["height", "width"]].drop_duplicates())
    return sides | {"distinct": shapes, "channels": channels}
