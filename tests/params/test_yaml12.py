"""Laws of reading YAML as its version 1.2 does."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assay.fault import Fault, on_one_line
from assay.params.yaml12 import load, written


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "params.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(path)

    return read


@pytest.mark.parametrize(("text", "value"), [
    ("1e-3", 1e-3), ("1E3", 1e3), ("1.", 1.0), (".5", 0.5), ("-2.5e+2", -250.0), ("+1.5", 1.5),
    ("-.inf", -math.inf), ("7", 7), ("-7", -7), ("012", 12), ("0o17", 15), ("0x1F", 31),
])  # fmt: skip
def test_a_number_of_yaml_1_2_is_a_number_of_its_own_type(read, text, value):
    got = read(f"a: {text}")["a"]
    assert got == value
    assert type(got) is type(value)


def test_nan_is_a_number(read):
    assert math.isnan(read("a: .nan")["a"])


@pytest.mark.parametrize(
    "text", ["no", "No", "off", "yes", "on", "y", "n", "1_000", "1:30", "2020-01-01", "0b1", "e3"]
)
def test_what_only_yaml_1_1_converts_stays_a_word(read, text):
    assert read(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(("text", "value"), [
    ("true", True), ("False", False), ("TRUE", True), ("null", None), ("~", None), ("", None),
])  # fmt: skip
def test_booleans_and_null_are_known_by_their_names(read, text, value):
    assert read(f"a: {text}")["a"] is value


@pytest.mark.parametrize("text", ["1e-3", "true", "null", "7"])
def test_quotes_make_a_word_of_anything(read, text):
    assert read(f"a: '{text}'") == {"a": text}


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\na: 2", 2), ("m:\n  k: 1\n  l: 2\n  k: 3\n", 4), ("{a: 1, a: 1}", 1)]
)
def test_a_repeated_key_is_refused_at_every_depth_and_its_line_is_told(read, text, line):
    with pytest.raises(Fault, match=rf"params.yaml, line {line}: the key '.' stands twice"):
        read(text)


def test_the_same_key_in_two_groups_is_no_repetition(read):
    assert read("a: {k: 1}\nb: {k: 2}") == {"a": {"k": 1}, "b": {"k": 2}}


@pytest.mark.parametrize("key", ["1", "true", "null", "[a, b]"])
def test_a_key_that_is_not_a_word_is_refused_and_told_to_be_quoted(read, key):
    with pytest.raises(Fault, match=r"line 2: the key .* is not a word; put it in quotes"):
        read(f"a: 1\n? {key}\n: 2")


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(read):
    assert read(b"\xef\xbb\xbfa: 1\r\nb: x\r\n") == {"a": 1, "b": "x"}


@pytest.mark.parametrize(("content", "told"), [
    (b"a: \xe9\n", "not UTF-8"),
    ("a: 1\nb: [2\n", "line 3: "),
    ("a: 1\n\tb: 2\n", "line 2: "),
    ("a: !!python/name:os.system\n", "line 1: .*constructor"),
    ("a: *b\n", "line 1: .*alias"),
    ("a: \x07\n", "not allowed"),
    ("a: !!bool maybe\n", "a tag"),
    ("a: !!timestamp x\n", "a tag"),
])  # fmt: skip
def test_what_cannot_be_read_is_told_with_file_and_place(read, content, told):
    with pytest.raises(Fault, match=rf"(?s)params.yaml.*{told}"):
        read(content)


def test_a_missing_file_is_told_by_name(tmp_path):
    with pytest.raises(Fault, match=r"params.yaml: no such file"):
        load(tmp_path / "params.yaml")


TEXT = some.text(some.characters(codec="utf-8"))


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What a file holds into which what a terminal shows of a value is pasted."""
    file = tmp_path_factory.mktemp("printed") / "params.yaml"

    def printed(value):
        file.write_text(f"a: {on_one_line(written(value))}\n", "utf-8")
        return load(file)["a"]

    return printed


@given(value=TEXT | some.dictionaries(TEXT, TEXT))
@pytest.mark.parametrize("more", [None, "1e3", "0o7", "no", " a", "a  b", "\xa0", "{", "\\ "])
def test_what_is_written_is_read_as_the_same_even_from_a_terminal(printed, value, more):
    value = value if more is None else {more: value}
    assert printed(value) == value


@pytest.mark.parametrize(("value", "text"), [
    ("labels", "labels"), (" labels", "' labels'"), ({"QUESTION MARK": "b"}, "{QUESTION MARK: b}"),
    ("été", "été"), ("1e3", '"1e3"'), ("a  ", '"a \\x20"'),
])  # fmt: skip
def test_what_is_written_has_quotes_only_where_they_are_needed(value, text):
    assert written(value) == text
