"""DVC does not follow imports: what a stage reads must stand in dvc.yaml, and nothing else."""

from pathlib import Path

import pytest
import yaml
from pipeline.imports import contents, files_behind

STAGES = yaml.safe_load(Path("dvc.yaml").read_text())["stages"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_the_very_files_that_it_imports(stage):
    script = Path("stages", f"{stage}.py")
    code = [Path(name) for name in STAGES[stage]["deps"] if name.startswith(("src/", "stages/"))]
    declared = {file for path in code for file in contents(path)}
    assert declared == files_behind(script) | {script}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_runs_the_code_of_its_own_checkout(stage):
    assert STAGES[stage]["cmd"].startswith(f"PYTHONPATH=src python stages/{stage}.py")


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_switches_the_run_cache_off(stage):
    written = [out for out in STAGES[stage].get("outs", []) if isinstance(out, dict)]
    assert "always_changed" not in STAGES[stage]
    assert not any("persist" in options for out in written for options in out.values())


@pytest.mark.parametrize("study", sorted(Path("studies").iterdir()), ids=str)
def test_a_study_has_the_roots_pipeline_as_a_file_of_its_own(study):
    own = study / "dvc.yaml"
    assert own.read_bytes() == Path("dvc.yaml").read_bytes(), f"cp dvc.yaml {own}"
    assert not own.is_symlink()  # DVC does not follow links in git's revisions: no diff would work


@pytest.mark.parametrize("stage", [name for name in STAGES if name != "plan"])
def test_a_stage_declares_the_parameters_that_it_reads(stage, repository):
    told = repository.call("python", "-c", SPY, stage, **_words(stage), PYTHONPATH="src")
    assert told.returncode == 0, told.stderr
    read = set(told.stdout.strip().splitlines()[-1].split()[1:])
    declared = {name.split(".")[0] for name in STAGES[stage].get("params", [])}
    assert read - {"plans", "runs"} == declared
    assert not read & {"plans", "runs"} or "plans" in STAGES[stage]["deps"]


def _words(stage: str) -> dict[str, str]:
    grid = stage in {"train", "evaluate"}
    return {"WORDS": "--variant plain --seed 0" if grid else ""}


SPY = """
import os, runpy, sys
from assay.params import experiment

class Spy:
    def __init__(self, real): self.__dict__["_real"], self.__dict__["seen"] = real, set()
    def __getattr__(self, name):
        if name == "model_dump":
            return self.dump
        if name == "settings":
            self.seen |= {"data", "split", "preprocess", "evaluate", "plans"}
            return self._real.settings
        self.seen.add(name)
        if name == "runs": self.seen.add("seeds")
        return getattr(self._real, name)

    def dump(self, *, include, **words):
        self.seen |= set(include)
        return self._real.model_dump(include=include, **words)

spies = []
real = experiment.read
def read(*words):
    spies.append(Spy(real(*words)))
    return spies[-1]
experiment.read = read
stage = sys.argv[1]
sys.argv = [stage, *os.environ["WORDS"].split()]
runpy.run_path(f"stages/{stage}.py", run_name="__main__")
print("read:", *set().union(*(spy.seen for spy in spies)))
"""
