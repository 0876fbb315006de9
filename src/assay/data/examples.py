"""Pictures of the worst duplicates, small enough to stand in the report itself."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int64, UInt8
from PIL import Image

from assay.data.worst import members, worst_first

GROUPS, MEMBERS, SIDE = 24, 4, 96
_SHARP = 48  # up to this side an image is kept pixel by pixel
Pixels = UInt8[np.ndarray, "h w c"]


def examples(
    table: pd.DataFrame, groups: Int64[np.ndarray, " n"], pixels: Callable[[int], Pixels]
) -> list[dict[str, Any]]:
    """The worst groups of duplicates, some images of each with name, split, label and picture.

    The table has the columns name, split, label and hash, and `pixels` reads the image of one of
    its rows. Pictures are data URIs, or empty where the channels are not those of a picture.
    """
    table = table.reset_index(drop=True)
    worst = worst_first(table, groups).head(GROUPS)
    told = []
    for number, facts in zip(worst.index.tolist(), worst.to_dict("records"), strict=True):
        shown = members(table, groups, number, MEMBERS)
        images = [
            _example(row, pixels(place))
            for place, row in zip(shown.index.tolist(), shown.to_dict("records"), strict=True)
        ]
        told.append(
            {name: facts[name] for name in ("near", "conflicting", "across")}
            | {"size": facts["images"], "images": images}
        )
    return told


def picture(image: Pixels) -> str:
    """A small image as a data URI: JPEG, or PNG where it is tiny."""
    height, width, channels = image.shape
    if channels not in {1, 3}:
        return ""
    drawn = Image.fromarray(image[:, :, 0] if channels == 1 else image)
    file = io.BytesIO()
    if max(height, width) <= _SHARP:
        drawn.save(file, "PNG", optimize=True)
        kind = "png"
    else:
        drawn.thumbnail((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=None)
        drawn.save(file, "JPEG", quality=85)
        kind = "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"


def _example(row: dict[Any, Any], image: Pixels) -> dict[str, str]:
    label = "" if pd.isna(row["label"]) else row["label"]
    return {"name": row["name"], "split": row["split"], "label": label, "picture": picture(image)}
