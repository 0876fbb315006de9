"""How a stage ends: in one line, and with the way back to what it lost."""

import errno
import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from assay import entry, starter
from assay.entry import one_line
from assay.fault import Fault
from assay.imports import write_imports

SOURCE = Path("src").resolve()


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


@pytest.mark.parametrize("folder", ["studies/birds/", "a@b/"])
def test_a_stage_may_be_asked_for_from_another_folder(failing_stage, monkeypatch, folder):
    monkeypatch.setenv("DVC_STAGE", f"{folder}dvc.yaml:split")
    done = []
    one_line(lambda: done.append(1))
    assert done == [1]
    with pytest.raises(SystemExit) as ended:
        one_line(fails_with(Fault("x")))
    assert ended.value.code.endswith("dvc checkout --force; git restore metrics/data.json)")


def test_without_git_the_way_back_names_what_dvc_keeps(failing_stage, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SystemExit) as ended:
        one_line(fails_with(Fault("x")))
    assert ended.value.code == "error: x (its last good outputs: dvc checkout --force)"


@pytest.fixture
def orphan(monkeypatch):
    """Let the parent of this process be gone after a few looks."""
    monkeypatch.setattr(entry, "EVERY", 0.01)
    parents = itertools.chain([5] * 3, itertools.repeat(1))
    monkeypatch.setattr(os, "getppid", lambda: next(parents))


@pytest.mark.parametrize("variable", starter.VARIABLES)
def test_a_stage_ends_with_what_started_it(orphan, monkeypatch, variable):
    monkeypatch.setenv(variable, "plan")
    with pytest.raises(SystemExit, match=r"^error: interrupted; "):
        one_line(lambda: time.sleep(60))


def test_a_stage_that_is_run_by_hand_outlives_its_shell(orphan):
    one_line(lambda: time.sleep(0.2))


@pytest.mark.parametrize("shell", ["bash -c", "sh -c", "bash"])
def test_who_started_us_is_seen_through_a_shell(shell):
    ours = str(os.getpid())
    code = "from assay.starter import starters; print(*starters())"
    words = f'{sys.executable} -c "{code}"'
    given = [*shell.split(), words] if shell.endswith("-c") else [sys.executable, "-c", code]
    known = os.environ | {"DVC_STAGE": "plan", "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(given, env=known, capture_output=True, text=True, check=True)
    assert ours in done.stdout.split()


def test_a_stage_that_waits_for_ever_is_left_after_a_while(tmp_path):
    """In a process of its own, whose parent ends: it does not heed the termination."""
    stage = (
        "import os, time, pathlib; from assay import entry; "
        "entry.EVERY, entry.GRACE = 0.1, 1.0; entry._terminated = lambda *heard: None; "
        "pathlib.Path('new').write_text(str(os.getpid())); "
        "entry.one_line(lambda: (os.rename('new', 'on'), [time.sleep(0.1) for _ in range(600)]))"
    )
    parent = (
        "import pathlib, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {stage!r}])\n"
        "while not pathlib.Path('on').exists(): time.sleep(0.1)"
    )
    known = os.environ | {"DVC_STAGE": "plan", "PYTHONPATH": str(SOURCE)}
    subprocess.run([sys.executable, "-c", parent], env=known, check=True, timeout=60)
    left = psutil.Process(int((tmp_path / "on").read_text()))
    there = psutil.wait_procs([left], timeout=30)[1]
    assert all(one.status() == psutil.STATUS_ZOMBIE for one in there)


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
