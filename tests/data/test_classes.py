"""Laws of classes: their order, their aliases, and splits that disagree about them."""

import pandas as pd
import pytest

from assay.data.classes import find_classes
from assay.params.data import Data


def found(declared=None, predefined=True, classes=None, aliases=None, **labels):
    """Labels by split: `train="a b b"`; `none` for images whose split is not said."""
    rows = [(split, label) for split, words in labels.items() for label in words.split(",")]
    given, names = zip(*rows, strict=True)
    table = pd.DataFrame(
        {
            "given": pd.Series([None if g == "none" else g for g in given], dtype="string"),
            "label": pd.Series([n or None for n in names], dtype="string"),
        }
    )
    words = {"class_aliases": aliases or {}, "classes": classes}
    data = Data(format="cifar10", path="data", **words)
    return find_classes(table, data, declared, predefined=predefined)


def test_classes_come_in_order_numbers_as_numbers():
    assert found(none="b,a,B").names == ["B", "a", "b"]
    assert found(none="10,9,1").names == ["1", "9", "10"]


def test_the_order_of_the_source_is_kept_and_that_of_the_parameters_goes_before():
    assert found(declared=["dog", "cat"], none="cat,dog").names == ["dog", "cat"]
    told = found(declared=["dog", "cat"], classes=["cat", "dog"], none="cat,dog")
    assert told.names == ["cat", "dog"]
    assert not told.problems


def test_an_alias_is_counted_as_what_it_stands_for():
    told = found(aliases={"kitty": "cat"}, declared=["kitty", "dog"], train="cat,dog", val="kitty")
    assert told.names == ["cat", "dog"]
    assert told.labels.tolist() == ["cat", "dog", "cat"]
    assert not told.problems


def test_an_image_without_a_label_keeps_none():
    assert found(train="cat,dog", unlabelled=",").labels.isna().tolist() == [False] * 2 + [True] * 2


def test_an_alias_that_no_image_has_is_told_with_its_near_match():
    told = found(aliases={"kity": "cat"}, train="kitty,cat")
    assert told.problems == [
        "data.class_aliases: no image is labelled 'kity'; did you mean kitty? choose cat or kitty"
    ]


@pytest.mark.parametrize(("labels", "line"), [("a,a", "every label is 'a'"), (",", "no image has")])
def test_a_single_class_is_refused(labels, line):
    assert line in found(train=labels).problems[0]


def test_classes_that_look_the_same_are_refused_with_what_to_write():
    (line,) = found(none="cat,cat ,dog").problems
    assert line.endswith("look the same; write class_aliases: {'cat ': cat}")


def test_classes_that_differ_in_case_only_are_a_warning():
    told = found(none="Rose,rose,tulip")
    assert not told.problems
    assert told.warnings == [
        "the classes 'Rose' and 'rose' differ in upper and lower case only; if they are one, "
        "write class_aliases: {rose: Rose}"
    ]


def test_a_label_beside_the_declared_classes_is_refused():
    (line,) = found(classes=["cat", "dog"], none="cat,dog,dgo").problems
    assert line == (
        "data.classes: the label 'dgo' is not in it; did you mean dog? choose cat or dog, or add it"
    )


def test_a_declared_class_without_images_is_a_warning_and_keeps_its_place():
    told = found(classes=["cat", "emu", "dog"], none="cat,dog")
    assert told.names == ["cat", "emu", "dog"]
    assert told.warnings == ["data.classes names 'emu', and no image has it"]


BUTTERFLIES = {
    "train": "ADONIS,GREAT EGGFLY,POLYGONIA,SOUTHERN DOGFACE",
    "val": "ADONIS,QUESTION MARK",
    "test": "ADONIS,GREAT EGGFLY,QUESTION MARK,SOUTHERN DOGFACE",
}


def test_a_class_that_two_splits_call_differently_is_told_with_what_to_write():
    told = found(**BUTTERFLIES)
    assert told.problems == [
        "data.class_aliases: val and test have the class 'QUESTION MARK', which train has not; if "
        "it is train's 'POLYGONIA', write class_aliases: {QUESTION MARK: POLYGONIA}"
    ]
    assert told.missing == {"val": ["GREAT EGGFLY", "SOUTHERN DOGFACE"], "test": []}


def test_the_alias_mends_it_and_classes_that_a_split_lacks_are_warnings():
    told = found(**BUTTERFLIES, aliases={"QUESTION MARK": "POLYGONIA"})
    assert not told.problems
    assert told.warnings == ["val has no image of GREAT EGGFLY and SOUTHERN DOGFACE"]
    assert told.names == ["ADONIS", "GREAT EGGFLY", "POLYGONIA", "SOUTHERN DOGFACE"]


def test_where_the_splits_are_drawn_anew_it_is_only_a_warning():
    told = found(**BUTTERFLIES, predefined=False)
    assert not told.problems
    assert "QUESTION MARK" in told.warnings[0]


def test_several_candidates_are_all_named():
    (line,) = found(train="cat,dog,emu", val="cat,dogs").problems
    assert "if it is one of dog and emu (did you mean dog?), write class_aliases: {dogs: " in line


def test_a_class_that_only_validation_has_wants_training_images():
    (line,) = found(train="cat,dog", val="cat,dog,emu").problems
    assert line.endswith("which train has not; give train images of it, or remove these")


def test_without_splits_nothing_is_missing():
    told = found(none="cat,dog")
    assert told.missing == {"val": [], "test": []}
    assert not told.warnings
