"""Laws of what MLflow is given later: it is as if it had been there all the time."""

import json
import runpy
import shutil
from pathlib import Path

import mlflow
import pytest
import torch
from dvc_data.hashfile.build import build
from dvc_data.hashfile.db import HashFileDB
from dvc_objects.fs.local import LocalFileSystem

from assay.fault import Fault
from assay.models.saved import load, load_network
from assay.tracking import locked
from assay.tracking.locked import dvc_hash
from assay.tracking.sync import sync

SCRIPT = str(Path(__file__).parents[2] / "stages/sync.py")
NET, CPU = ("net", 0), torch.device("cpu")
OF_ITS_MOMENT = ("process", "git.", "dvc.", "mlflow.", "rebuilt")


def client(root):
    return mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")


def runs(root):
    found = client(root).get_experiment_by_name("birds")
    return client(root).search_runs([found.experiment_id])


def told(root, run):
    """All that MLflow knows of a run but its moment."""
    asked, name = client(root), run.info.run_id
    pictures = asked.list_artifacts(name, "confusion")
    return {
        "name": run.info.run_name,
        "status": run.info.status,
        "params": run.data.params,
        "tags": {k: v for k, v in run.data.tags.items() if not k.startswith(OF_ITS_MOMENT)},
        "metrics": {
            key: [(one.step, one.value) for one in asked.get_metric_history(name, key)]
            for key in run.data.metrics
            if not key.startswith("system/")
        },
        "data": [(one.dataset.name, one.dataset.digest) for one in run.inputs.dataset_inputs],
        "pictures": [picture.path for picture in pictures],
        "models": len(run.outputs.model_outputs),
    }


@pytest.fixture
def _no_model(monkeypatch):
    """Exports take seconds, and most laws are not about them."""
    monkeypatch.setattr(mlflow.pytorch, "log_model", lambda *words, **more: None)


def test_a_run_that_was_not_logged_is_rebuilt_as_a_live_one_and_says_so(live, unlogged):
    assert sync([NET]).made == ["net-0"]
    [before], [after] = runs(live), runs(unlogged)
    assert told(unlogged, after) == told(live, before)
    assert {"weights", "data", "plan", "machine.device"} <= {*after.data.tags}
    assert len(told(live, before)["metrics"]["curves/train_loss"]) == 2
    assert (before.data.tags.get("rebuilt"), after.data.tags["rebuilt"]) == (None, "true")
    cost = json.loads(Path("costs/train/net-0.json").read_text())
    assert after.data.tags.get("git.revision", "none") == cost["revision"].partition(",")[0]
    assert not {key for key in after.data.metrics if key.startswith("system/")}
    [path] = Path(unlogged, "mlartifacts").rglob("model.pt2")
    network = load_network(Path("models/net-0"), load(Path("models/net-0")), "last", CPU)
    images = torch.randn(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(torch.export.load(path).module()(images), network(images))


@pytest.mark.usefixtures("_no_model")
def test_a_second_sync_changes_nothing(unlogged):
    sync([NET])
    [once] = runs(unlogged)
    assert sync([NET])._asdict() == {"made": [], "judged": [], "there": ["net-0"], "missing": []}
    [again] = runs(unlogged)
    assert again.to_dictionary() == once.to_dictionary()


def test_a_live_run_is_left_alone(live, unlogged):
    shutil.copy(live / "mlflow.db", unlogged / "mlflow.db")
    [before] = runs(unlogged)
    assert sync([NET]).there == ["net-0"]
    [after] = runs(unlogged)
    assert after.to_dictionary() == before.to_dictionary()


@pytest.mark.usefixtures("_no_model")
def test_a_run_gets_the_evaluation_that_it_lacks(live, unlogged):
    Path("metrics/runs/net-0.json").rename("aside.json")
    assert sync([NET]).made == ["net-0"]
    [run] = runs(unlogged)
    assert (run.data.tags["stage"], "test/accuracy" in run.data.metrics) == ("train", False)
    Path("aside.json").rename("metrics/runs/net-0.json")
    assert sync([NET]).judged == ["net-0"]
    [before], [after] = runs(live), runs(unlogged)
    assert told(unlogged, after) == told(live, before) | {"models": 0}


@pytest.mark.usefixtures("_no_model")
def test_a_run_that_was_judged_anew_gets_the_new_scores(unlogged):
    sync([NET])
    path, lock = Path("metrics/runs/net-0.json"), Path("dvc.lock")
    before, scored = dvc_hash(path), json.loads(path.read_text())
    scored["splits"]["test"]["scores"]["accuracy"] = 0.125
    path.write_text(json.dumps(scored))
    lock.write_text(lock.read_text().replace(before, dvc_hash(path)))
    assert sync([NET]).judged == ["net-0"]
    [run] = runs(unlogged)
    assert run.data.metrics["test/accuracy"] == 0.125
    assert sync([NET]).there == ["net-0"]


@pytest.mark.usefixtures("_no_model")
def test_scores_of_other_weights_are_not_taken_for_theirs(unlogged):
    lock = Path("dvc.lock")
    head, tail = lock.read_text().split("train@net-0")
    digest = dvc_hash(Path("models/net-0"))
    lock.write_text(head.replace(digest, f"{'0' * 32}.dir") + "train@net-0" + tail)
    sync([NET])
    [run] = runs(unlogged)
    assert (run.data.tags["stage"], "test/accuracy" in run.data.metrics) == ("train", False)


@pytest.mark.parametrize("path", ["models/net-0/last.safetensors", "curves/net-0.csv"])
def test_what_is_not_as_the_lock_has_it_makes_no_run(unlogged, path):
    with Path(path).open("ab") as file:
        file.write(b" ")
    assert sync([NET]).missing == ["net-0"]
    assert not runs(unlogged)


@pytest.mark.usefixtures("_no_model")
def test_without_its_images_a_run_has_no_data_but_all_else(unlogged):
    shutil.rmtree("data/packed")
    assert sync([NET]).made == ["net-0"]
    [run] = runs(unlogged)
    assert "data" not in run.data.tags
    assert "test/accuracy" in run.data.metrics
    assert not run.inputs.dataset_inputs


def test_a_rebuilding_that_broke_off_is_done_again(unlogged, monkeypatch):
    def broken(*words, **more):
        raise OSError("disk full")

    monkeypatch.setattr(mlflow.pytorch, "log_model", broken)
    with pytest.raises(Fault, match=r"^MLflow: disk full; see that it runs"):
        sync([NET])
    assert mlflow.active_run() is None
    monkeypatch.setattr(mlflow.pytorch, "log_model", lambda *words, **more: None)
    assert sync([NET]).made == ["net-0"]
    assert {(run.info.status, "weights" in run.data.tags) for run in runs(unlogged)} == {
        ("FAILED", False),
        ("FINISHED", True),
    }


@pytest.mark.usefixtures("_no_model")
def test_the_script_says_in_a_line_what_it_did_and_which_runs_have_no_outputs(unlogged, capsys):
    runpy.run_path(SCRIPT, run_name="__main__")
    [line] = capsys.readouterr().out.splitlines()
    assert "1 made" in line
    assert "net-1 (`dvc checkout` or `dvc repro`)" in line
    runpy.run_path(SCRIPT, run_name="__main__")
    assert "0 made, 0 given the evaluation that they lacked, 1 there" in capsys.readouterr().out


@pytest.mark.usefixtures("_no_model")
def test_a_study_has_its_runs_in_an_experiment_of_its_own_and_the_database_of_all(
    unlogged, monkeypatch
):
    study = unlogged / "studies/eagles"
    study.mkdir(parents=True)
    for name in ("models", "curves", "costs", "metrics", "data", "dvc.lock"):
        (unlogged / name).rename(study / name)
    monkeypatch.chdir(study)
    assert sync([NET]).made == ["net-0"]
    found = client(unlogged).get_experiment_by_name("studies/eagles")
    [run] = client(unlogged).search_runs([found.experiment_id])
    assert run.data.tags["study"] == "studies/eagles"
    assert not (study / "mlflow.db").exists()


def test_a_server_that_is_not_there_is_an_error_in_one_line(unlogged, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")  # discard: nobody listens
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(SCRIPT, run_name="__main__")
    assert ended.value.code.startswith("error: MLflow: ")
    assert ended.value.code.endswith("MLFLOW_TRACKING_URI names it")
    assert "\n" not in ended.value.code


def test_off_there_is_nothing_to_rebuild_in(unlogged, monkeypatch):
    monkeypatch.setenv("ASSAY_TRACKING", "off")
    with pytest.raises(SystemExit, match=r"^error: ASSAY_TRACKING: off, so"):
        runpy.run_path(SCRIPT, run_name="__main__")
    assert client(unlogged).get_experiment_by_name("birds") is None


def test_files_and_folders_have_the_hashes_that_dvc_gives_them(tmp_path):
    folder = tmp_path / "folder"
    for name in ("b.txt", "a/z", "a.txt", "a-b/é", "Z", ".hidden", "a/.rest"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    files = LocalFileSystem()
    for path in (folder, folder / "a/z"):
        store = HashFileDB(files, str(tmp_path / "store"))
        found = build(store, str(path), files, "md5", dry_run=True)[-1]
        assert dvc_hash(path) == found.hash_info.value


@pytest.mark.parametrize("variant", ["vgg16", "resnet18"])
def test_the_scores_in_git_are_those_that_the_lock_knows(variant):
    name = f"{variant}-0"
    assert locked.read().agrees(f"evaluate@{name}", Path("metrics/runs", f"{name}.json"))
    assert not locked.read().agrees(f"train@{name}", Path("metrics/runs", f"{name}.json"))
