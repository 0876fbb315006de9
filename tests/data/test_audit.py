"""Laws of the audit: counts, equal images and labels that contradict."""

import pandas as pd
import pytest

from assay.data.audit import EXAMPLES, audit, fingerprint

CLASSES = ["cat", "dog", "emu"]


def index(*rows):
    """Rows like `train cat 1f` (split, label, hash); `unlabelled - 1f` has no label.

    A fourth word names what a row looks like; without it, only equal images look alike.
    """
    cells = [row.split() for row in rows]
    return pd.DataFrame(
        {
            "name": [f"{n}.png" for n in range(len(cells))],
            "label": pd.Series([None if c[1] == "-" else c[1] for c in cells], dtype="string"),
            "hash": [c[2] for c in cells],
            "near": pd.factorize(pd.Series([c[-1] for c in cells]))[0],
            "split": [c[0] for c in cells],
            "height": range(5, 5 + len(cells)),
            "width": 7,
            "channels": 3,
        }
    )


def duplicates(*rows):
    return audit(index(*rows), CLASSES, [])["duplicates"]


def near_duplicates(*rows):
    return audit(index(*rows), CLASSES, [])["near_duplicates"]


def test_images_are_counted_by_split_and_class():
    told = audit(
        index("train cat 1", "train cat 2", "val dog 3", "unused cat 4", "unlabelled - 5"),
        CLASSES,
        ["6.png: damaged"],
    )
    assert told["images"] == {"labelled": 4, "unlabelled": 1, "used": 3, "skipped": 1}
    assert told["skipped"] == ["6.png: damaged"]
    assert told["sizes"] == {
        "height": {"min": 5, "median": 7.0, "max": 9},
        "width": {"min": 7, "median": 7.0, "max": 7},
        "distinct": 5,
        "channels": {"3": 5},
    }
    assert told["splits"] == {"train": 2, "val": 1, "test": 0, "unused": 1, "unlabelled": 1}
    assert told["per_class"]["cat"] == {"train": 2, "val": 0, "test": 0, "unused": 1}
    assert list(told["per_class"]) == CLASSES  # emu too, which has no image
    assert sum(told["per_class"]["emu"].values()) == 0


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


def test_examples_name_image_split_and_label():
    told = duplicates("train cat 9", "train cat 1", "val dog 1", "unlabelled - 1")
    assert told["examples"] == [{
        "images": ["1.png", "2.png", "3.png"],
        "splits": ["train", "val", "unlabelled"],
        "labels": ["cat", "dog", ""],
    }]  # fmt: skip


def test_the_worst_examples_come_first_where_there_are_many():
    harmless = [f"train cat {i // 2}" for i in range(2 * EXAMPLES)]
    told = duplicates(*harmless, "train cat x", "val cat x", "val cat y", "val dog y")
    assert told["repeated_images"] == EXAMPLES + 2
    assert len(told["examples"]) == EXAMPLES
    assert [set(one["labels"]) for one in told["examples"][:2]] == [{"cat", "dog"}, {"cat"}]
    assert told["examples"][1]["splits"] == ["train", "val"]


def test_near_equal_images_are_those_that_look_alike_and_are_not_all_equal():
    rows = ["train cat 1 a", "val cat 2 a", "val cat 2 a", "train dog 3 b", "train dog 3 b"]
    told = near_duplicates(*rows, "test emu 4 c")
    assert (told["groups"], told["repeated_images"], told["across_splits"]) == (1, 2, 1)
    assert told["also_in_train"] == {"val": 2, "test": 0}
    assert told["examples"][0]["images"] == ["0.png", "1.png", "2.png"]


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
