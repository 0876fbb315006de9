"""Laws of what a user is told when something they gave is wrong."""

import pytest

from assay.fault import listed, nearest, on_one_line, warn


@pytest.fixture(autouse=True)
def outside_dvc(monkeypatch, tmp_path):
    monkeypatch.delenv("DVC_STAGE", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("given", ["nrom", "NORM", "norms", "Norm"])
def test_a_misspelt_name_is_answered_with_its_near_match(given):
    assert nearest(given, ["init", "norm", "stem"]).startswith("did you mean norm? ")


def test_a_name_like_no_other_is_answered_with_all_choices_and_no_guess():
    assert nearest("xyzzy", ["norm", "init"]) == "choose init or norm"


@pytest.mark.parametrize(("told", "line"), [
    ("a\n  b\tc", "a b c"), ("one\x1b[2Jname", r"one\x1b[2Jname"), ("\udcff.png", r"\udcff.png"),
    ("Schmetterling 🦋 é", "Schmetterling 🦋 é"), (r"a\b", r"a\b"),
])  # fmt: skip
def test_a_terminal_is_shown_what_it_would_obey_or_cannot_encode(told, line):
    assert on_one_line(told) == line


def test_a_warning_is_one_line_on_standard_error(capsys):
    warn("two\nlines\x07")
    assert capsys.readouterr() == ("", "warning: two lines\\x07\n")


@pytest.mark.parametrize(("names", "text"), [
    ([], "nothing"), (["a"], "a"), (["a", "b"], "a and b"), ([1, 2, 3], "1, 2 and 3"),
])  # fmt: skip
def test_a_list_of_names_reads_as_a_sentence_does(names, text):
    assert listed(names) == text
