"""Laws of the order of classes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.labels import alike, ordered


@pytest.mark.parametrize(("labels", "order"), [
    (["10", "9", "-1", "0"], ["-1", "0", "9", "10"]),
    (["10", "9", "x"], ["10", "9", "x"]),
    (["b", "a", "B"], ["B", "a", "b"]),
    (["1.5", "10", "9"], ["1.5", "10", "9"]),
    (["7", "07", "6"], ["6", "07", "7"]),
])  # fmt: skip
def test_numbers_are_ordered_as_numbers_and_words_as_words(labels, order):
    assert ordered(labels) == order


@given(st.lists(st.text(max_size=3)), st.randoms())
def test_the_order_does_not_depend_on_where_labels_stand_or_how_often(labels, random):
    again = labels * 2
    random.shuffle(again)
    assert ordered(again) == ordered(labels)
    assert set(ordered(labels)) == set(labels)


@given(st.lists(st.integers(), unique=True))
def test_whole_numbers_keep_numeric_order(numbers):
    assert ordered(map(str, numbers)) == [str(number) for number in sorted(numbers)]


LOOK_ALIKE = [("cat", "cat "), (" cat", "cat"), ("caf\u00e9", "cafe\u0301")]


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKE)
def test_names_that_look_the_same_are_found(one, other):
    assert alike(["dog", one, "Cat", other]) == [(one, other)]
