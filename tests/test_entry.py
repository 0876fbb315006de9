"""How a stage ends: in one line, and with the way back to what it lost."""

import errno
import os
import signal
import subprocess
from pathlib import Path

import pytest

from assay.entry import one_line
from assay.fault import Fault
from assay.imports import write_imports


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


def test_a_termination_is_told_as_an_interruption_and_the_handler_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match=r"^error: interrupted; [^\n]+$"):
        one_line(lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_error_that_is_not_the_users_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        one_line(fails_with(ZeroDivisionError()))


def test_a_stage_that_succeeds_is_not_ended():
    done = []
    one_line(lambda: done.append(1))
    assert done == [1]


@pytest.fixture
def failing_stage(monkeypatch, tmp_path):
    """A git repository in which DVC has removed a metric for a stage that fails."""
    for words in (["init", "-q"], ["config", "user.name", "x"], ["config", "user.email", "x@y.z"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    (tmp_path / "metrics").mkdir()
    for name in ("metrics/data.json", "metrics/kept.json", "metrics/of-a-variant-that-went.json"):
        (tmp_path / name).write_text("{}")
    outs = "[{path: metrics/data.json}, {path: metrics/kept.json}, {path: data/split.parquet}]"
    (tmp_path / "dvc.lock").write_text(f"stages: {{split: {{outs: {outs}}}}}")
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    subprocess.run(["git", "commit", "-qm", "good"], cwd=tmp_path, check=True)
    (tmp_path / "metrics/data.json").unlink()
    (tmp_path / "metrics/of-a-variant-that-went.json").unlink()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_STAGE", "split")
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages/split.py").write_text("A = 1\n")
    write_imports()


@pytest.mark.parametrize("stage", ["split", "split@plain-0"])
def test_a_stage_whose_code_plan_has_not_seen_is_refused(failing_stage, monkeypatch, stage):
    monkeypatch.setenv("DVC_STAGE", stage)
    Path("stages/split.py").write_text("A = 1  # as before\n")
    one_line(lambda: None)
    Path("stages/split.py").write_text("A = 2\n")
    told = r"^error: stages/split.py: changed since `plan` ran; run `dvc repro` again"
    with pytest.raises(SystemExit, match=told):
        one_line(lambda: pytest.fail("it ran"))


def test_the_way_back_names_what_dvc_removed_and_nothing_else(failing_stage):
    with pytest.raises(SystemExit) as ended:
        one_line(fails_with(Fault("x")))
    assert ended.value.code.endswith("dvc checkout --force; git restore metrics/data.json)")


@pytest.mark.parametrize("why", ["plan", "no lock", "no DVC"])
def test_no_way_back_is_told_where_nothing_was_lost(failing_stage, monkeypatch, why):
    if why == "plan":
        monkeypatch.setenv("DVC_STAGE", "plan")
    elif why == "no DVC":
        monkeypatch.delenv("DVC_STAGE")
    else:
        Path("dvc.lock").unlink()
    with pytest.raises(SystemExit) as ended:
        one_line(fails_with(Fault("x")))
    assert ended.value.code == "error: x"


def test_a_full_disk_is_told_with_the_file_and_the_mend():
    with pytest.raises(SystemExit) as ended:
        one_line(fails_with(OSError(errno.ENOSPC, "No space left on device", "models/a")))
    assert ended.value.code == "error: models/a: No space left on device; free some space"
