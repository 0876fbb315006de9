"""Laws of naming one run of the grid on the command line."""

from pathlib import Path

import pytest

from assay.fault import Fault
from assay.files import write_json
from assay.grid import run_from_words
from assay.params.experiment import understand


@pytest.fixture
def plan(params, monkeypatch, tmp_path):
    """The plan of the variant `net`, written where stages look for it."""
    params["augment"] = {"affine": {"scale": [0.9, 1.1]}}
    plan = understand(params, "params.yaml").plans["net"]
    monkeypatch.chdir(tmp_path)
    write_json(tmp_path / "plans" / "net.json", plan.model_dump(mode="json"))
    return plan


def words(monkeypatch, *given):
    monkeypatch.setattr("sys.argv", ["train.py", *given])


def test_a_run_has_the_plan_that_was_written_for_its_variant(monkeypatch, plan):
    words(monkeypatch, "--variant", "net", "--seed", "3")
    run = run_from_words(None)
    assert run.plan == plan
    assert (run.variant, run.seed, run.name) == ("net", 3, "net-3")


def test_a_variant_without_a_plan_is_refused_and_the_mend_is_told(monkeypatch, plan):
    words(monkeypatch, "--variant", "nte", "--seed", "3")
    with pytest.raises(Fault, match=r"^plans/nte.json: no such plan; .*correct the name"):
        run_from_words(None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"model": 1}'])
def test_a_damaged_plan_is_told(monkeypatch, plan, text):
    Path("plans/net.json").write_text(text)
    words(monkeypatch, "--variant", "net", "--seed", "3")
    with pytest.raises(Fault, match=r"plans/net\.json: a damaged plan; run"):
        run_from_words(None)


@pytest.mark.parametrize("given", [["--variant", "net"], ["--seed", "1"], []])
def test_both_variant_and_seed_are_needed(monkeypatch, capsys, plan, given):
    words(monkeypatch, *given)
    with pytest.raises(SystemExit):
        run_from_words(None)
    assert "required" in capsys.readouterr().err
