"""Laws of the classes of a data set: their order, aliases, and what splits call differently."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.classes import find_classes
from assay.fault import on_one_line
from assay.params import yaml12
from assay.params.data import Data
from assay.params.mistakes import checked

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=4)
ANY = st.text(st.characters(codec="utf-8"), min_size=1, max_size=4).filter(str.strip)


@pytest.fixture(scope="module")
def pasted(tmp_path_factory):
    """The aliases that params have once the advice of a line stands in the file as printed."""
    file = tmp_path_factory.mktemp("params") / "params.yaml"

    def pasted(line):
        advice = on_one_line(line).partition("write data.class_aliases: ")[2]
        file.write_text(f"{{format: image_folder, path: raw, class_aliases: {advice}}}", "utf-8")
        return checked(Data, yaml12.load(file), "params.yaml", "data.").class_aliases

    return pasted


def table(**splits):
    """Rows of a split for each label: `table(train="cat dog", none="emu")`; `-` has no label."""
    rows = [(None if s == "none" else s, label) for s, all_ in splits.items() for label in all_]
    given, label = zip(*((s, None if name == "-" else name) for s, name in rows), strict=True)
    return pd.DataFrame({"given": given, "label": label}, dtype="string")


def found(rows, order=None, predefined=True, groups=None, aliases=None, chosen=None):
    data = Data(format="image_folder", path="raw", class_aliases=aliases or {}, classes=chosen)
    return find_classes(rows, data, order, predefined=predefined, groups=groups)


def butterflies():
    """The names that the butterflies' splits disagree on, and one on which they agree."""
    both = ["MONARCH", "SOUTHERN DOGFACE", "GREAT EGGFLY"]
    return table(
        train=[*both, "POLYGONIA"],
        val=["MONARCH", "QUESTION MARK"],
        test=[*both, "QUESTION MARK"],
    )


def test_a_class_that_two_splits_call_differently_is_told_with_what_to_write():
    told = found(butterflies())
    assert told.problems == [
        "data.class_aliases: val and test have the class QUESTION MARK, which train lacks; if that "
        "is train's POLYGONIA, write data.class_aliases: {QUESTION MARK: POLYGONIA}"
    ]
    assert told.proposed == {"QUESTION MARK": "POLYGONIA"}


def test_what_is_proposed_mends_it():
    aliases = found(butterflies()).proposed
    told = found(butterflies(), aliases=aliases)
    assert (told.problems, told.warnings, told.proposed) == ([], [], {})
    assert told.names == ["GREAT EGGFLY", "MONARCH", "POLYGONIA", "SOUTHERN DOGFACE"]
    assert "QUESTION MARK" not in set(told.labels)


def test_where_splits_are_drawn_anew_a_strange_class_is_only_warned_of():
    told = found(butterflies(), predefined=False)
    assert told.problems == []
    assert "QUESTION MARK: POLYGONIA" in told.warnings[0]


def test_duplicates_are_better_evidence_than_spelling_and_the_rest_is_listed():
    rows = table(train=["ant", "bee", "asp"], test=["aspe", "bee"])
    assert found(rows).proposed == {"aspe": "asp"}
    told = found(rows, groups=np.array([0, 1, 2, 0, 3]))
    assert told.proposed == {"aspe": "ant"}
    assert "(or another that is missing there: asp)" in told.problems[0]


def test_a_misspelled_class_is_recognised_though_the_split_has_the_right_one_too():
    told = found(table(train=["cat", "dog"], val=["cat", "dog", "Cat"]))
    assert told.proposed == {"Cat": "cat"}


def test_two_strange_classes_are_not_taken_for_the_same_one():
    told = found(table(train=["red", "blue", "x"], test=["red 1", "red 2", "x"]))
    assert told.proposed == {"red 1": "red", "red 2": "blue"}
    assert "the classes red 1 and red 2" in told.problems[0]


def test_a_strange_class_without_a_likely_meaning_is_told_all_the_same():
    told = found(table(train=["cat", "dog"], test=["cat", "dog", "zebra"]))
    assert told.proposed == {}
    assert told.problems[0].endswith(
        "test has the class zebra, which train lacks; call classes alike in all splits, or remove "
        "these images"
    )


@pytest.mark.parametrize("labels", [
    ["cat", "cat "], [" cat", "cat"], ["cat", "cat  "], ["cat", "cat\t"], ["cat", "cat\xa0"],
    ["caf\u00e9", "cafe\u0301"], ["1e3", " 1e3"],
])  # fmt: skip
@pytest.mark.parametrize("known", [{}, {"kitten": 1}])
def test_what_is_proposed_for_labels_that_look_alike_mends_it(pasted, labels, known):
    rows = table(none=[*labels, *known, "dog"])
    known = {name: labels[place] for name, place in known.items()}
    told = found(rows, aliases=known)
    mended = found(rows, aliases=pasted(told.problems[0]))
    assert (mended.problems, mended.warnings) == ([], [])
    assert set(mended.names) < {*labels, "dog"}
    assert len(mended.names) == 2


@given(one=ANY, other=ANY)
def test_what_is_written_is_read_as_the_aliases_whatever_the_names(pasted, one, other):
    rows = table(train=["!", "?", other], test=["!", "?", one])
    told = found(rows)
    if told.proposed:
        assert pasted(told.problems[-1]) == told.proposed


def test_aliases_that_are_there_already_stay_and_lead_to_the_same_class():
    rows = table(train=["cat", "dog"], test=["chat", "dog"])
    told = found(rows, aliases={"chat": "katze"})
    assert told.problems[0].endswith("write data.class_aliases: {chat: cat}")


@pytest.mark.parametrize("gone", ["train", "val"])
def test_only_with_a_train_split_and_another_can_splits_disagree(gone):
    rows = butterflies()
    kept = rows[rows["given"] == ("val" if gone == "train" else "train")].reset_index(drop=True)
    assert found(kept).problems == []


@pytest.mark.parametrize(("labels", "order", "chosen", "names"), [
    (["10", "9"], None, None, ["9", "10"]),
    (["b", "a"], None, None, ["a", "b"]),
    (["b", "a", "c"], ["c", "b", "a"], None, ["c", "b", "a"]),
    (["b", "a", "c"], ["c", "b", "a"], ["b", "c", "a"], ["b", "c", "a"]),
    (["b", "a", "c"], ["c"], None, ["c", "a", "b"]),
])  # fmt: skip
def test_classes_stand_in_the_order_chosen_else_the_sources_else_their_own(
    labels, order, chosen, names
):
    told = found(table(none=labels), order, chosen=chosen)
    assert (told.names, told.problems, told.warnings) == (names, [], [])


@pytest.mark.parametrize("where", ["order", "chosen"])
def test_a_declared_class_without_images_keeps_its_place_with_a_warning(where):
    told = found(table(none=["b", "a"]), **{where: ["c", "b", "a"]})
    assert (told.names, told.problems) == (["c", "b", "a"], [])
    assert told.warnings == ["no image has the class 'c'"]


def test_aliases_apply_to_the_order_of_the_source_too():
    told = found(table(none=["a", "b", "c"]), ["c", "b", "a"], aliases={"c": "C"})
    assert told.names == ["C", "b", "a"]
    assert told.labels.tolist() == ["a", "b", "C"]


@given(st.lists(NAMES, min_size=2, unique=True), st.randoms())
def test_order_does_not_depend_on_where_labels_stand(names, random):
    mixed = random.sample(names, len(names))
    assert found(table(none=names)).names == found(table(none=mixed)).names


@pytest.mark.parametrize(("labels", "changes", "words"), [
    (["cat", "dog"], {"aliases": {"catt": "cat"}},
     "data.class_aliases: no image is labelled 'catt'; did you mean 'cat'? correct or remove"),
    (["CAT", "dog"], {"aliases": {"cat": "dog"}}, "did you mean 'CAT'?"),
    (["cat", "dog"], {"chosen": ["cat", "dogs"]},
     "data.classes: the label 'dog' of the data is not in it; did you mean 'dogs'? add"),
    (["cat", "cat ", "dog"], {},
     "the labels 'cat' and 'cat ' look the same; write data.class_aliases: {'cat ': cat}"),
    (["caf\u00e9", "cafe\u0301"], {}, "look the same"),
    (["cat", "cat"], {}, "data: every label is 'cat'; two classes or more are needed"),
    (["cat", "dog"], {"aliases": {"cat": "dog"}}, "every label is 'dog'"),
    (["-"], {}, "data: no image has a label; two classes or more are needed"),
])  # fmt: skip
def test_what_spoils_the_classes_is_told_in_one_line(labels, changes, words):
    told = found(table(none=labels), **changes)
    assert words in told.problems[0]
    assert "\n" not in told.problems[0]


def test_names_that_differ_in_case_only_are_warned_of_and_kept_apart():
    told = found(table(none=["Cat", "cat", "dog"]))
    assert told.names == ["Cat", "cat", "dog"]
    assert told.problems == []
    assert "'Cat' and 'cat' differ in upper and lower case only" in told.warnings[0]
    assert told.warnings[0].endswith("write data.class_aliases: {cat: Cat}")


def test_images_without_label_have_no_class():
    told = found(table(none=["cat", "dog", "-"]))
    assert told.labels.isna().tolist() == [False, False, True]


def test_many_strange_names_are_counted_and_not_guessed_at():
    told = found(table(train=list("abc"), test=[f"class {i}" for i in range(30)]))
    assert "and 25 more, which train lacks; call classes alike" in told.problems[0]
    assert told.proposed == {}
