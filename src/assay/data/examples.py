"""Small pictures of the worst duplicates, for people to judge by."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from PIL import Image

from assay.data.worst import equal_groups, members, worst_first

GROUPS, IMAGES, SIDE = 12, 4, 96  # of each kind; of a group; pixels
_SHARP = 48  # up to this side a picture keeps every pixel as it is
Pixels = UInt8[np.ndarray, "h w c"]


def examples(table: pd.DataFrame, read: Callable[[int], Pixels]) -> list[dict[str, Any]]:
    """Some groups of equal and of near-equal images, the worst of each kind first.

    `table` is as `audit` takes it; `read` gives the pixels of a row. Each image has a `src`, a data
    URI of at most 96 pixels a side, beside its name, split and label.
    """
    table = table.reset_index(drop=True)
    near = table["near"].to_numpy()
    told = []
    for kind, groups in (("equal", equal_groups(table)), ("near-equal", near)):
        facts = worst_first(table, groups)
        worst = facts[facts["near"] == (kind == "near-equal")].head(GROUPS)
        for number, about in zip(worst.index.tolist(), worst.to_dict("records"), strict=True):
            shown = members(table, groups, number, IMAGES)
            told.append(
                {
                    "kind": kind,
                    "conflicting": about["conflicting"],
                    "across": about["across"],
                    "more": about["images"] - len(shown),
                    "images": _shown(shown, read),
                }
            )
    return told


def picture(pixels: Pixels) -> str:
    """A data URI: PNG where the image is tiny, else JPEG; of many channels, the first three."""
    channels = pixels[:, :, :3] if pixels.shape[2] > 2 else pixels[:, :, 0]
    image = Image.fromarray(np.ascontiguousarray(channels))
    kind = "JPEG" if max(image.size) > _SHARP else "PNG"
    image.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    image.save(file, kind, quality=85)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"


def _shown(group: pd.DataFrame, read: Callable[[int], Pixels]) -> list[dict[str, str]]:
    columns = zip(group["name"], group["split"], group["label"].fillna(""), strict=True)
    return [
        {"src": picture(read(row)), "name": name, "split": split, "label": label}
        for row, (name, split, label) in zip(group.index.tolist(), columns, strict=True)
    ]
