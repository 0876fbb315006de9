"""Provenance: the commit, and whether what made the results differs from it."""

import subprocess

import pytest

from assay.report.cost import cost_json
from assay.report.provenance import installed, provenance
from assay.revision import revision


def git(*arguments):
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    (tmp_path / "studies/birds").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    git("init")
    (tmp_path / "params.yaml").write_text("seed: 0")
    git("add", ".")
    git("commit", "-m", "one")
    return tmp_path


def test_results_that_a_run_records_leave_the_revision_clean(repository):
    for path in ("metrics/a.json", "studies/birds/reports/report.md", "dvc.lock"):
        (repository / path).parent.mkdir(exist_ok=True, parents=True)
        (repository / path).write_text("new")
    assert len(revision()) == 40


@pytest.mark.parametrize("path", ["params.yaml", "new.py"])
def test_any_other_change_is_told_also_from_within_a_study(repository, monkeypatch, path):
    (repository / path).write_text("changed")
    monkeypatch.chdir(repository / "studies/birds")
    assert revision().endswith(", with uncommitted changes")


def test_without_git_the_rest_is_told(tmp_path, monkeypatch, study):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    _, found = study.write()
    told = provenance(found.data, cost_json(found, 0.9))
    assert told["Reported at revision"] == "none"
    assert "ab" * 32 in told.values()
    assert "Imaginary CPU" in told["Trained on"]


def test_who_trained_is_told_run_by_run_whoever_reports(study):
    _, found = study.write()
    found.runs[0].training["revision"] = "c" * 40
    found.runs[1].training["revision"] = f"{'d' * 40}, with uncommitted changes"
    told = provenance(found.data, cost_json(found, 0.9))["Trained at revision"]
    assert told.startswith(f"{'c' * 10}; {'d' * 10}, with uncommitted changes; ")


def test_a_package_that_is_not_there_is_said_to_be_missing():
    assert installed("no-such-package-at-all") == "not installed"
