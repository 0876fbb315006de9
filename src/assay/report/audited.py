"""The audit of the data in words: what they hold, what spoils them, and what to beware of."""

from typing import Any

from assay.data.audit import lacks
from assay.data.ingested import SKIPPED
from assay.fault import listed
from assay.report.tables import counted

KINDS = {"duplicates": "equal", "near_duplicates": "near-equal"}
_MISSED = {
    "train": "no network can learn them",
    "val": "its scores cannot tell how well they are known",
    "test": "its scores cannot tell how well they are known",
}
CROWD, SHARE = 20, 0.02  # near-equal images in a group, and of all: too many to be doubles
SHOWN = 8  # names in a sentence
NEAR = "that takes sides of 64 pixels, and no blanks"


def contents(data: dict[str, Any]) -> str:
    """How many images of what size, in a sentence."""
    images, sizes = data["images"], data["sizes"]
    unlabelled = f" and {images['unlabelled']:,} unlabelled" if images["unlabelled"] else ""
    return f"{images['labelled']:,} labelled{unlabelled} images, {_colour(sizes)}, {_size(sizes)}."


def findings(data: dict[str, Any]) -> list[str]:
    """What the audit found, a sentence each; what it looked for in vain too."""
    told = [_repeats(data[key], kind) for key, kind in KINDS.items()]
    if data["near_within"] is None:
        told[1] = "Near-equal images were not looked for (split.near_duplicates is null)."
    elif not (compared := data["near_duplicates"]["compared"]):
        told[1] = f"Near-equal images were looked for nowhere: {NEAR}."
    elif compared < (every := _number(data)):
        told[1] += f" They were looked for among {compared:,} of the {every:,} images: {NEAR}."
    told += [f"{line}." for line in (*lacks(data["missing"], SHOWN), *data["warnings"])]
    if data["images"]["skipped"]:
        told.append(f"{_skipped(data)}: {_lines(data)}.")
    return told


def _number(data: dict[str, Any]) -> int:
    return int(data["images"]["labelled"] + data["images"]["unlabelled"])


def warnings(data: dict[str, Any]) -> list[str]:
    """What a reader must know before believing the numbers."""
    told = _subset(data)
    for key, kind in KINDS.items():
        told += _across(data[key], kind)
    for key, kind in KINDS.items():
        told += _conflicting(data, data[key], kind)
    for split, classes in data["missing"].items():
        if classes:
            lacking = counted(len(classes), "class", "classes")
            told.append(f"{lacking} without an image in {split}: {_MISSED[split]}.")
    told += _crowded(data)
    if data["images"]["skipped"]:
        told.append(f"{_skipped(data)} (data.on_bad_image); the section Data lists them.")
    return told


def _subset(data: dict[str, Any]) -> list[str]:
    if data["limit"] is None:
        return []
    used, there = data["images"]["used"], data["images"]["labelled"]
    return [f"A subset, for a quick look: {used:,} of {there:,} labelled images (split.limit)."]


def _across(found: dict[str, Any], kind: str) -> list[str]:
    if not found["across_splits"]:
        return []
    groups = _groups(found["across_splits"], kind, "lies", "lie")
    again = found["also_in_train"]
    if not any(again.values()):
        return [f"{groups} in more than one split, but none in train and also in val or test."]
    known = listed(f"{n:,} {part}" for part, n in again.items())
    return [
        f"{groups} in more than one split: {known} images have a double among those to train on, "
        "and a network may know their answers by heart."
    ]


def _conflicting(data: dict[str, Any], found: dict[str, Any], kind: str) -> list[str]:
    if not found["conflicting_labels"]:
        return []
    groups = _groups(found["conflicting_labels"], kind, "bears", "bear")
    if data["limit"] is not None:
        there = data["images"]["labelled"]
        return [f"{groups} more than one label among all {there:,} images, the unused ones too."]
    seen = "the section Data shows some"
    sure = "no network can get all of them right" if kind == "equal" else seen
    return [f"{groups} more than one label: {sure}."]


def _crowded(data: dict[str, Any]) -> list[str]:
    largest, images = data["near_duplicates"]["largest"], data["images"]["labelled"]
    if largest < max(CROWD, SHARE * images):
        return []
    return [
        f"One group of near-equal images holds {largest:,}: they differ too little for perceptual "
        "hashes; lower split.near_duplicates, or set it to null."
    ]


def _repeats(found: dict[str, Any], kind: str) -> str:
    if not found["groups"]:
        return f"No {kind} images."
    groups = _groups(found["groups"], kind, "holds", "hold")
    repeats = counted(found["repeated_images"], "image that repeats", "images that repeat")
    across, conflicting = found["across_splits"], found["conflicting_labels"]
    return (
        f"{groups} {repeats} another; {across or 'none'} of them "
        f"{'lies' if across < 2 else 'lie'} in more than one split, {conflicting or 'none'} "
        f"{'bears' if conflicting < 2 else 'bear'} more than one label."
    )


def _groups(number: int, kind: str, verb: str, verbs: str) -> str:
    return counted(number, f"group of {kind} images {verb}", f"groups of {kind} images {verbs}")


def _skipped(data: dict[str, Any]) -> str:
    one = data["images"]["skipped"] == 1
    return f"{counted(data['images']['skipped'], 'image')} {'was' if one else 'were'} left out"


def _lines(data: dict[str, Any]) -> str:
    """What is wrong with each image left out, as far as the audit lists them."""
    rest = data["images"]["skipped"] - len(data["skipped"])
    more = [f"and {rest:,} more, all of them in data/ingested/{SKIPPED}"] if rest else []
    return "; ".join([*data["skipped"], *more])


def _size(sizes: dict[str, Any]) -> str:
    height, width = sizes["height"], sizes["width"]
    if sizes["distinct"] == 1:
        return f"{width['max']} × {height['max']} pixels (width × height)"
    return (
        f"{width['min']} to {width['max']} pixels wide (median {width['median']:g}) and "
        f"{height['min']} to {height['max']} high (median {height['median']:g})"
    )


def _colour(sizes: dict[str, Any]) -> str:
    names = {"1": "grey", "3": "in colour"}
    kinds = {names.get(c, f"of {c} channels"): n for c, n in sizes["channels"].items()}
    if len(kinds) == 1:
        return next(iter(kinds))
    return listed(f"{n:,} {name}" for name, n in kinds.items())
