"""DVC does not follow imports: what a stage reads must stand in dvc.yaml, and nothing else."""

import shutil
from pathlib import Path

import pytest
import yaml

STAGES = yaml.safe_load(Path("dvc.yaml").read_text())["stages"]
LATER = [name for name in STAGES if name != "plan"]


@pytest.mark.parametrize("stage", LATER)
def test_a_stage_depends_on_the_code_that_it_imports(stage):
    code = [name for name in STAGES[stage]["deps"] if name.startswith(("src", "stages", "imports"))]
    assert code == [f"imports/{stage}.json"]


def test_what_is_imported_depends_on_all_code():
    assert {"src/assay", "stages"} <= {*STAGES["plan"]["deps"]}


@pytest.mark.parametrize("stage", STAGES)
def test_what_a_stage_loads_is_known_before(stage, repository):
    told = repository.call("python", "-c", LOADED, stage, **_words(stage), PYTHONPATH="src")
    assert told.returncode == 0, told.stderr
    loaded = set(told.stdout.strip().splitlines()[-1].split()[1:])
    known = repository.json(f"imports/{stage}.json")
    assert {"src/assay/__init__.py", "src/assay/params/experiment.py"} <= loaded <= {*known}


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


@pytest.mark.parametrize("stage", LATER)
def test_a_stage_declares_the_parameters_and_the_files_that_it_reads(stage, repository):
    _leave_only_what_is_declared(stage, repository)
    told = repository.call("python", "-c", SPY, stage, **_words(stage), PYTHONPATH="src")
    assert told.returncode == 0, told.stderr
    read = set(told.stdout.strip().splitlines()[-1].split()[1:])
    declared = {name.split(".")[0] for name in STAGES[stage].get("params", [])}
    assert read - {"plans", "runs"} == declared
    assert not read & {"plans", "runs"} or "plans" in STAGES[stage]["deps"]


def _leave_only_what_is_declared(stage, repository):
    lock = yaml.safe_load((repository.folder / "dvc.lock").read_text())["stages"]
    [entry] = [one for name, one in lock.items() if name in {stage, f"{stage}@plain-0"}]
    declared = [Path(one["path"]) for one in entry["deps"]]
    outputs = {Path(out["path"]) for one in lock.values() for out in one["outs"]}
    others = [
        path
        for path in outputs
        if not any(path.is_relative_to(one) or one.is_relative_to(path) for one in declared)
    ]
    assert others
    for path in others:
        place = repository.folder / path
        shutil.rmtree(place) if place.is_dir() else place.unlink()


def _words(stage: str) -> dict[str, str]:
    grid = stage in {"train", "evaluate"}
    return {"WORDS": "--variant plain --seed 0" if grid else ""}


LOADED = """
import os, runpy, sys
from pathlib import Path

stage = sys.argv[1]
sys.argv = [stage, *os.environ["WORDS"].split()]
runpy.run_path(f"stages/{stage}.py", run_name="__main__")
files = [getattr(module, "__file__", None) for module in sys.modules.values()]
own = [Path(file) for file in files if file and Path(file).is_relative_to(Path("src").resolve())]
print("loaded:", *(file.relative_to(Path.cwd()).as_posix() for file in own))
"""
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
