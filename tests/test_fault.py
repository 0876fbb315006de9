"""Laws of what a user is told when something they gave is wrong."""

import pytest

from assay.fault import Fault, listed, nearest, one_line


def fails_with(error):
    def main():
        raise error

    return main


@pytest.fixture(autouse=True)
def outside_dvc(monkeypatch, tmp_path):
    monkeypatch.delenv("DVC_STAGE", raising=False)
    monkeypatch.chdir(tmp_path)


def test_a_fault_ends_a_stage_with_one_line_on_standard_error_and_exit_code_1(capfd):
    with pytest.raises(SystemExit) as ended:
        one_line(fails_with(Fault("a.csv: row 3:\n  no label")))
    assert ended.value.code == "error: a.csv: row 3: no label"  # Python prints it and exits with 1
    assert capfd.readouterr().out == ""


def test_an_interruption_is_told_in_one_line_without_a_traceback():
    with pytest.raises(SystemExit, match=r"^error: interrupted; [^\n]+$"):
        one_line(fails_with(KeyboardInterrupt()))


def test_an_error_that_is_not_the_users_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        one_line(fails_with(ZeroDivisionError()))


def test_a_stage_that_succeeds_is_not_ended():
    done = []
    one_line(lambda: done.append(1))
    assert done == [1]


@pytest.mark.parametrize(("stage", "lock", "told"), [
    (True, True, True), (True, False, False), (False, True, False),
])  # fmt: skip
def test_the_way_back_is_told_where_dvc_has_removed_results(
    monkeypatch, tmp_path, stage, lock, told
):
    if stage:
        monkeypatch.setenv("DVC_STAGE", "train")
    if lock:
        (tmp_path / "dvc.lock").touch()
    with pytest.raises(SystemExit) as ended:
        one_line(fails_with(Fault("x")))
    assert ("git restore" in ended.value.code) == told


@pytest.mark.parametrize("given", ["nrom", "NORM", "norms", "Norm"])
def test_a_misspelt_name_is_answered_with_its_near_match(given):
    assert nearest(given, ["init", "norm", "stem"]).startswith("did you mean norm? ")


def test_a_name_like_no_other_is_answered_with_all_choices_and_no_guess():
    assert nearest("xyzzy", ["norm", "init"]) == "choose init or norm"


@pytest.mark.parametrize(("names", "text"), [
    ([], "nothing"), (["a"], "a"), (["a", "b"], "a and b"), ([1, 2, 3], "1, 2 and 3"),
])  # fmt: skip
def test_a_list_of_names_reads_as_a_sentence_does(names, text):
    assert listed(names) == text
