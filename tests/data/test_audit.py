"""Laws of the audit: counts, equal images and labels that contradict."""

import json

import pandas as pd
import pytest

from assay.data import repeats
from assay.data.audit import SKIPPED, audit, fingerprint, lacks
from assay.data.classes import Classes
from assay.data.duplicates import duplicates as grouped

CLASSES = ["cat", "dog", "emu"]


def index(*rows):
    """Rows like `train cat 1f 0` (split, label, hash, phash); `-` is no label, no phash is null."""
    cells = [[*row.split(), None][:4] for row in rows]
    split, label, hash_, phash = zip(*cells, strict=True)
    labels = pd.Series([None if name == "-" else name for name in label], dtype="string")
    looks = pd.array([None if look is None else int(look, 2) for look in phash], dtype="UInt64")
    return pd.DataFrame(
        {"name": [f"{i}.png" for i in range(len(rows))], "split": split, "label": labels}
        | {"hash": hash_, "phash": looks, "width": 8, "height": 6, "channels": 3}
    )


def told(*rows, threshold=4, skipped=(), **changes):
    rows = rows[0] if isinstance(rows[0], pd.DataFrame) else index(*rows)
    made = {"names": CLASSES, "problems": [], "warnings": [], "proposed": {}} | changes
    near = grouped(rows, threshold)
    return audit(rows.assign(near=near), Classes(labels=rows["label"], **made), list(skipped))


def duplicates(*rows):
    return told(*rows)["duplicates"]


def near(*rows):
    return told(*rows)["near_duplicates"]


def test_images_are_counted_by_split_and_class():
    rows = ("train cat 1", "train cat 2", "val dog 3", "unused cat 4", "unlabelled - 5")
    counted = told(*rows)
    assert counted["images"] == {"labelled": 4, "unlabelled": 1, "used": 3, "skipped": 0}
    assert counted["splits"] == {"train": 2, "val": 1, "test": 0, "unused": 1, "unlabelled": 1}
    assert counted["per_class"]["cat"] == {"train": 2, "val": 0, "test": 0, "unused": 1}
    assert list(counted["per_class"]) == CLASSES  # emu too, which has no image
    assert sum(counted["per_class"]["emu"].values()) == 0


def test_different_images_are_no_duplicates():
    told = duplicates("train cat 1", "test cat 2")
    assert (told["repeated_images"], told["across_splits"], told["conflicting_labels"]) == (0, 0, 0)
    assert told["also_in_train"] == {"val": 0, "test": 0}
    assert told["examples"] == []


def test_images_to_judge_by_that_are_also_trained_on_are_counted():
    told = duplicates("train cat 1", "test cat 1", "test dog 1", "val cat 2", "test cat 2")
    assert told["also_in_train"] == {"val": 0, "test": 2}


def test_every_repetition_of_an_image_is_counted_once():
    told = duplicates("train cat 1", "train cat 1", "train cat 1", "train dog 2", "train dog 2")
    assert told["repeated_images"] == 3
    assert (told["across_splits"], told["conflicting_labels"]) == (0, 0)


@pytest.mark.parametrize("other", ["val cat 1", "test cat 1", "unlabelled - 1"])
def test_an_image_in_two_splits_is_found(other):
    told = duplicates("train cat 1", other)
    assert (told["across_splits"], told["conflicting_labels"]) == (1, 0)


def test_an_image_that_is_not_used_is_in_no_split():
    assert duplicates("train cat 1", "unused cat 1")["across_splits"] == 0


def test_an_image_with_two_labels_is_found_even_where_it_is_not_used():
    told = duplicates("train cat 1", "unused dog 1")
    assert (told["across_splits"], told["conflicting_labels"]) == (0, 1)


def test_near_images_are_counted_apart_from_equal_ones():
    rows = ("train cat 1 0", "test cat 2 1111", "test cat 1 0", "val dog 3 11111111", "val cat 9")
    found = near(*rows)
    assert (found["groups"], found["repeated_images"], found["largest"]) == (1, 3, 4)
    assert (found["across_splits"], found["conflicting_labels"]) == (1, 1)
    assert found["also_in_train"] == {"val": 1, "test": 1}  # the other of test is an equal one
    assert duplicates(*rows)["also_in_train"] == {"val": 0, "test": 1}


def test_equal_images_alone_are_not_near_ones():
    found = near("train cat 1 0", "test cat 1 0", "val dog 2 111111")
    assert (found["groups"], found["repeated_images"], found["largest"]) == (0, 0, 0)
    assert found["examples"] == []


def test_without_a_threshold_nothing_is_near():
    found = told("train cat 1 0", "test cat 2 0", threshold=None)["near_duplicates"]
    assert found["groups"] == 0


def test_examples_name_image_split_and_label():
    told = duplicates("train cat 9", "train cat 1", "val dog 1", "unlabelled - 1")
    assert told["examples"] == [{
        "images": ["1.png", "2.png", "3.png"],
        "splits": ["train", "val", "unlabelled"],
        "labels": ["cat", "dog", ""],
    }]  # fmt: skip


def test_the_worst_examples_come_first_where_there_are_many():
    harmless = [f"train cat {i // 2}" for i in range(2 * repeats.EXAMPLES)]
    told = duplicates(*harmless, "train cat x", "val cat x", "val cat y", "val dog y")
    assert told["repeated_images"] == repeats.EXAMPLES + 2
    assert len(told["examples"]) == repeats.EXAMPLES
    assert [set(one["labels"]) for one in told["examples"][:2]] == [{"cat", "dog"}, {"cat"}]
    assert told["examples"][1]["splits"] == ["train", "val"]


def test_of_a_large_group_every_label_and_split_is_shown_and_the_rest_only_counted():
    told = duplicates(*["train cat 1"] * 99, "val cat 1", "train dog 1")
    (one,) = told["examples"]
    assert told["largest"] == 101
    assert one["images"][:3] == ["0.png", "99.png", "100.png"]
    assert len(one["images"]) == repeats.IMAGES


def test_sizes_and_channels_are_told():
    rows = index("train cat 1", "train dog 2", "val emu 3")
    rows = rows.assign(width=[10, 30, 11], height=[7, 7, 9], channels=[1, 3, 3])
    found = told(rows)
    assert found["sizes"]["width"] == {"min": 10, "median": 11, "max": 30}
    assert found["sizes"]["height"] == {"min": 7, "median": 7, "max": 9}
    assert found["sizes"]["distinct"] == 3
    assert found["sizes"]["channels"] == {"1": 1, "3": 2}


def test_images_left_out_are_counted_and_some_are_listed():
    lines = [f"{i}.jpg: damaged" for i in range(SKIPPED + 9)]
    found = told("train cat 1", skipped=lines)
    assert (found["images"]["skipped"], found["skipped"]) == (SKIPPED + 9, lines[:SKIPPED])


EACH = ("train cat 1", "train dog 2", "train emu 3")


def test_a_class_that_a_split_lacks_is_named_and_a_split_without_images_lacks_none():
    found = told(*EACH, "val cat 4", "val dog 5", warnings=["first"])
    assert found["missing"] == {"train": [], "val": ["emu"], "test": []}
    assert found["warnings"] == ["first"]
    assert lacks(found["missing"]) == ["val has no image of emu"]


def test_a_class_that_is_only_called_differently_is_not_missing():
    names = [*CLASSES, "ostrich"]
    rows = (*EACH, "val cat 4", "val dog 5", "val ostrich 6")
    found = told(*rows, names=names, proposed={"ostrich": "emu"})
    assert found["missing"] == {"train": [], "val": [], "test": []}
    assert found["imbalance"] == {"largest": 2, "smallest": 2}
    assert told(*rows, names=names)["missing"]["val"] == ["emu"]


def test_a_class_without_any_image_is_no_matter_of_splits():
    found = told("train cat 1", "train dog 2", "val cat 3", "val dog 4")
    assert found["missing"] == {"train": [], "val": [], "test": []}
    assert found["imbalance"] == {"largest": 2, "smallest": 2}


def test_the_audit_is_the_same_text_each_time():
    rows = (*EACH, "val cat 1", "test dog 9 111", "train cat 8 11")
    assert json.dumps(told(*rows), allow_nan=False) == json.dumps(told(*rows))


def test_the_fingerprint_knows_pixels_labels_and_order_and_nothing_else():
    rows = ("train cat 1", "val dog 2", "unlabelled - 3")
    same = fingerprint(index("test cat 1", "train dog 2", "unlabelled - 3"))
    assert fingerprint(index(*rows)) == same
    others = [
        ("train cat 1", "val dog 9", "unlabelled - 3"),
        ("train cat 1", "val cat 2", "unlabelled - 3"),
        ("val dog 2", "train cat 1", "unlabelled - 3"),
    ]
    assert len({same, *(fingerprint(index(*other)) for other in others)}) == 4
