"""What runs when something changes, and what does not; the real DVC on tiny data."""

import csv
import json
import os
import shutil
import signal
import time
from typing import get_args

import mlflow
import numpy as np
import pandas as pd
import psutil
import pytest
import yaml
from pipeline.conftest import CLASSES

from assay.params.model import Norm


def test_a_finished_pipeline_runs_nothing(repository):
    assert repository.repro().stages == set()


def test_a_run_leaves_only_what_it_records_in_git(repository):
    params = repository.params()
    params["train"]["lr"] = 2e-3
    repository.write_params(params)
    repository.repro()
    changed = repository.succeed("git", "status", "--porcelain").text.splitlines()
    places = {line[3:].split("/")[0] for line in changed}
    assert places == {"metrics", "reports", "dvc.lock", "params.yaml"}


def test_a_changed_variant_reruns_alone(repository):
    params = repository.params()
    params["variants"]["pinned"]["train"] = {"lr": 2e-3}
    repository.write_params(params)
    assert repository.repro().stages == {"plan", "train@pinned-0", "evaluate@pinned-0", "report"}


def test_a_setting_of_evaluation_trains_nothing(repository):
    params = repository.params()
    params["evaluate"]["calibration_bins"] = 5
    repository.write_params(params)
    ran = repository.repro("--dry").stages
    assert {"plan", "evaluate@plain-0", "evaluate@pinned-0"} <= ran
    assert not {name for name in ran if name.startswith("train")}


def test_a_change_of_augmentation_reruns_training_and_no_data_stage(repository):
    params = repository.params()
    params["augment"]["pad_crop"] = 2
    repository.write_params(params)
    repository.repro("plan")
    ran = repository.repro("--dry").stages
    assert {"train@plain-0", "train@pinned-0"} <= ran
    assert not ran & {"ingest", "split", "preprocess"}


@pytest.mark.parametrize(("key", "value"), [("size", 9), ("fit", "crop"), ("channels", 3)])
def test_a_change_of_packing_reads_no_raw_image_again(repository, key, value):
    params = repository.params()
    params["preprocess"][key] = value
    repository.write_params(params)
    assert repository.repro("preprocess").stages == {"plan", "preprocess"}


def test_a_change_of_normalisation_packs_nothing_again(repository):
    params = repository.params()
    params["preprocess"]["normalise"] = "unit"
    repository.write_params(params)
    repository.repro("plan")
    ran = repository.repro("--dry").stages
    assert {"train@plain-0", "train@pinned-0"} <= ran
    assert not ran & {"ingest", "split", "preprocess"}


def test_a_subset_is_marked_where_the_report_and_predictions_look(repository):
    params = repository.params()
    params["split"] |= {"limit": 36, "near_duplicates": 3}
    repository.write_params(params)
    repository.repro("preprocess")
    audit = repository.json("metrics/data.json")
    assert (audit["limit"], audit["near_within"], audit["images"]["used"]) == (36, 3, 36)
    assert repository.json("data/packed/train/meta.json")["subset"] == 36


def test_a_change_of_class_names_reads_no_raw_image_again(repository):
    params = repository.params()
    params["data"]["class_aliases"] = {CLASSES[0]: "left"}
    repository.write_params(params)
    assert repository.repro("split").stages == {"plan", "split"}
    assert repository.json("metrics/data.json")["classes"] == [CLASSES[1], "left"]


def test_a_comment_in_the_code_reruns_nothing_but_plan(repository):
    _append(repository, "norms/moments.py", "# no more than a comment")
    assert repository.repro().stages == {"plan"}


@pytest.mark.parametrize(
    ("file", "rerun", "kept"),
    [
        ("data/audit.py", {"split"}, {"ingest"}),
        ("norms/moments.py", {"train@plain-0", "evaluate@plain-0"}, {"ingest", "split"}),
        ("evaluation/gradcam.py", {"evaluate@plain-0"}, {"split", "train@plain-0"}),
        ("report/style.css.j2", {"report"}, {"train@plain-0", "evaluate@plain-0"}),
    ],
)
def test_changed_code_reruns_the_stages_that_import_it(repository, file, rerun, kept):
    _append(repository, file, "ADDED = 1")
    repository.repro("plan")
    ran = repository.repro("--dry").stages
    assert rerun <= ran
    assert not ran & kept


def test_changed_code_can_be_taken_to_give_the_same_results(repository):
    _append(repository, "norms/moments.py", "ADDED = 1")
    repository.repro("plan")
    repository.succeed("dvc", "commit", "-f", "dvc.yaml")
    _append(repository, "norms/moments.py", "# and a comment")
    assert repository.repro().stages == {"plan"}


def _append(repository, file, line):
    with (repository.folder / "src/assay" / file).open("a") as source:
        source.write(f"{line}\n")


def test_another_seed_adds_runs_and_repeats_none(repository):
    params = repository.params()
    params["seeds"] = [0, 1]
    params["variants"].pop("pinned")
    repository.write_params(params)
    new = {"train@plain-1", "evaluate@plain-1"}
    assert repository.repro().stages == {"plan", *new, "report"}
    assert repository.json("metrics/scores.json")["plain"]["test"]["accuracy"]["n"] == 2
    for file in ("models/plain-{}/last.safetensors", "depths/plain-{}.csv"):
        one, two = ((repository.folder / file.format(seed)).read_bytes() for seed in (0, 1))
        assert one != two


def test_a_removed_variant_leaves_nothing_behind(repository):
    params = repository.params()
    del params["variants"]["pinned"]
    repository.write_params(params)
    assert repository.repro().stages == {"plan", "report"}
    left = [path for path in repository.folder.rglob("pinned*") if ".dvc" not in path.parts]
    assert left == []
    assert set(repository.json("metrics/summary.json")) == {"plain"}


def test_an_experiment_retrains_what_does_not_pin_and_names_what_does(repository):
    run = repository.succeed("dvc", "exp", "run", "-S", "model.norm=none")
    assert run.stages == {"plan", "train@plain-0", "evaluate@plain-0", "report"}
    assert "warning: model.norm is now none; pinned pins gn and keeps it" in run.text
    table = repository.succeed("dvc", "metrics", "diff").text.splitlines()
    assert any("plain.val.loss" in line for line in table)
    assert not any("pinned" in line for line in table)
    assert len(table) < 40


def test_every_norm_can_be_asked_for_on_the_command_line(repository):
    params = repository.params()
    params["preprocess"]["size"], params["model"]["stem"] = 32, "small"  # for `in`: no 1x1 planes
    repository.write_params(params)
    for norm in get_args(Norm):
        repository.succeed("dvc", "exp", "run", "-S", f"model.norm={norm}", "plan")
        plans = [repository.json(f"plans/{name}.json") for name in ("plain", "pinned")]
        assert [plan["model"]["norm"] for plan in plans] == [norm, "gn"]


def test_a_copy_of_the_repository_gives_the_same_bytes(repository):
    """Raw data too may be DVC's: the copy finds them in the cache."""
    repository.succeed("git", "rm", "-r", "-q", "--cached", "data/raw")
    repository.succeed("dvc", "add", "-q", "data/raw")
    repository.commit()
    assert "data/raw/shapes.csv" not in repository.succeed("git", "ls-files").text
    before = repository.outputs()
    repository.succeed("dvc", "exp", "run", "--temp", "--force", "--name", "again")
    commit = repository.succeed("dvc", "exp", "list", "--sha-only").text.split()[-1]
    after = repository.outputs(commit)
    timed = {"metrics/cost.json", "plots/trade_offs.csv"}
    timed |= {f"reports/{name}" for name in ("report.html", "report.md", "figures")}
    promised = {path for path in before if path not in timed and not path.startswith("costs/")}
    assert "models/plain-0" in promised
    assert {path: after[path] for path in promised} == {path: before[path] for path in promised}
    figure = "reports/figures/accuracy.svg"
    drawn = repository.call("git", "show", f"{commit}:{figure}").stdout
    assert drawn == (repository.folder / figure).read_text(encoding="utf-8")
    told = repository.call("git", "show", f"{commit}:reports/report.md").stdout
    report = (repository.folder / "reports/report.md").read_text(encoding="utf-8")
    assert untimed(told) == untimed(report)
    assert len(untimed(report)) > 5


def untimed(report: str) -> list[str]:
    parts = report.split("\n## ")
    return [part for part in parts if not part.startswith(("Costs", "Provenance"))]


def test_where_one_variant_fails_the_others_may_finish(repository):
    params = repository.params()
    params["variants"] |= {"bad": {"train": {"lr": 1e30}}, "good": {"train": {"lr": 2e-3}}}
    repository.write_params(params)
    done = repository.call("dvc", "repro", "--keep-going")
    assert done.returncode != 0
    assert "(learning rate 1e+30)" in done.stderr
    assert repository.json("metrics/runs/good-0.json")["variant"] == "good"
    assert not (repository.folder / "metrics/runs/bad-0.json").exists()


def test_queued_experiments_leave_their_runs_in_the_parents_database(repository):
    repository.succeed("dvc", "exp", "run", "--queue", "-S", "train.lr=0.1,0.01")
    repository.start("dvc", "queue", "start", "-j", "2", tracking=True)
    wait_for(lambda: len(succeeded(repository)) == 2, seconds=240)
    client = mlflow.MlflowClient(f"sqlite:///{repository.folder}/mlflow.db")
    runs = client.search_runs([e.experiment_id for e in client.search_experiments()])
    assert sorted(run.data.params["train.lr"] for run in runs) == ["0.01", "0.01", "0.1", "0.1"]
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert all("test/accuracy" in run.data.metrics for run in runs)
    assert {run.data.tags["dvc.experiment"] for run in runs} == succeeded(repository)
    assert len(list((repository.folder / "mlartifacts/models").iterdir())) == len(runs)


def test_runs_that_mlflow_did_not_hear_of_are_rebuilt_from_what_dvc_keeps(repository):
    def sync() -> str:
        words = ("python", "stages/sync.py")
        return repository.succeed(*words, tracking=True, PYTHONPATH="src").text

    assert "2 made" in sync()
    assert "0 made, 0 given the evaluation that they lacked, 2 there" in sync()
    client = mlflow.MlflowClient(f"sqlite:///{repository.folder}/mlflow.db")
    runs = client.search_runs([e.experiment_id for e in client.search_experiments()])
    assert {run.data.params["variant"] for run in runs} == {"plain", "pinned"}
    assert all("test/accuracy" in run.data.metrics for run in runs)
    first = repository.call("git", "rev-list", "--max-parents=0", "HEAD").stdout.strip()
    assert {run.data.tags["git.revision"] for run in runs} == {first}  # not that of today


def succeeded(repository) -> set[str]:
    lines = repository.succeed("dvc", "queue", "status").text.splitlines()
    assert not any("Failed" in line for line in lines), lines
    return {line.split()[1] for line in lines if "Success" in line}


def wait_for(condition, seconds: float, every: float = 0.2) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(every)


def test_a_study_folder_is_the_same_pipeline_with_its_own_parameters(repository):
    study = type(repository)(repository.folder / "studies/other")
    (study.folder / "data").mkdir(parents=True)
    for name in ("stages", "src"):
        (study.folder / name).symlink_to(f"../../{name}")
    shutil.copy(repository.folder / "dvc.yaml", study.folder)
    shutil.copytree(repository.folder / "data/raw", study.folder / "data/raw")
    shutil.copytree(repository.folder / "weights", study.folder / "weights")
    study.write_params(repository.params() | {"preprocess": {"size": 16}})
    run = study.repro("preprocess", "plan")
    assert {"plan", "preprocess"} <= run.stages, run.text
    images = np.load(study.folder / "data/packed/train/images.npy")
    assert images.shape == (40, 16, 16, 1)
    assert study.repro("preprocess", "plan").stages == set()
    asked = ("--force", "--single-item", "studies/other/dvc.yaml:split")
    assert repository.repro(*asked).stages == {"studies/other/dvc.yaml:split"}
    assert repository.repro().stages == set()
    repository.commit()
    compared = repository.succeed("dvc", "metrics", "diff", "--all", "HEAD")
    assert "validation failed" not in compared.text  # the study has no metrics yet: said, no harm
    assert "plain.test.accuracy" in compared.text


def test_a_variant_that_learns_from_validation_too_has_no_score_of_it(repository):
    params = repository.params()
    params["train"]["keep_every"] = 1
    params["variants"]["final"] = {"train": {"on": "train+val"}}
    params["evaluate"] |= {"weights": "epoch-001", "tta": {"shift": 1}}
    repository.write_params(params)
    repository.repro()
    summary = repository.json("metrics/summary.json")
    assert set(summary["plain"]) == {"train", "val", "test"}
    assert set(summary["final"]) == {"train", "test"}
    assert repository.json("metrics/runs/final-0.json")["epoch"] == 1
    predictions = pd.read_parquet(repository.folder / "predictions/final-0.parquet")
    assert set(predictions["split"]) == {"train", "test", "unlabelled"}
    differences = repository.json("metrics/comparison.json")
    assert set(differences["chosen"]["ranking"]) == {"plain", "pinned"}
    assert list(differences["differences"]["val"]) == ["plain vs pinned"]
    assert len(differences["differences"]["test"]) == 3
    kept = {name: repository.folder / f"checkpoints/{name}-0.csv" for name in ("plain", "final")}
    curve = pd.read_csv(repository.folder / "curves/plain-0.csv")
    again = pd.read_csv(kept["plain"])
    assert again["epoch"].tolist() == curve["epoch"].tolist()
    assert again["val_accuracy"].tolist() == pytest.approx(curve["val_accuracy"].tolist())
    assert again["val_loss"].tolist() == pytest.approx(curve["val_loss"].tolist(), rel=1e-4)
    assert len(pd.read_csv(kept["final"])) == 0
    splits = repository.json("metrics/runs/plain-0.json")["splits"]
    assert "accuracy_tta" in splits["val"]["scores"]
    assert "accuracy_tta" not in splits["train"]["scores"]
    scores = repository.json("metrics/scores.json")["plain"]["test"]
    assert scores["loss_tta"]["mean"] == pytest.approx(
        splits["test"]["scores"]["loss_tta"], abs=1e-6
    )
    seen = repository.json("pictures/final-0.json")
    assert seen["split"] == "test"
    assert any(one["right"] or one["wrong"] for one in seen["explained"])
    confused = pd.read_csv(repository.folder / "plots/confusions.csv")
    of_plain = confused[confused["variant"] == "plain"]
    assert of_plain["images"].sum() == splits["test"]["images"]
    curve = pd.read_csv(repository.folder / "curves/final-0.csv")
    assert curve["val_accuracy"].isna().all()
    report = (repository.folder / "reports/report.md").read_text(encoding="utf-8")
    assert "training and validation images together: final" in report


@pytest.mark.parametrize(("shell", "processes"), [("/bin/bash", 1), ("/bin/sh", 1), ("/bin/sh", 2)])
def test_a_training_ends_with_the_dvc_that_is_killed_alone(repository, shell, processes):
    """Of these shells one gives way to the command, and one (where it is dash) stays."""
    params = repository.params()
    params["train"] |= {"epochs": 4000, "processes": processes}
    repository.write_params(params)
    running = repository.start("dvc", "repro", "train@plain-0", SHELL=shell)
    kept = repository.folder / ".assay/resume"
    wait_for(lambda: list(kept.glob("plain-0-*/state.pt")), seconds=120)
    started = psutil.Process(running.pid).children(recursive=True)
    running.kill()
    running.wait()
    assert left_of(psutil.wait_procs(started, timeout=60)[1]) == []
    again = repository.start("dvc", "repro", "train@plain-0", SHELL=shell)
    [state] = kept.glob("plain-0-*/state.pt")
    before = state.stat().st_mtime
    wait_for(lambda: state.stat().st_mtime > before, seconds=120)
    started = psutil.Process(again.pid).children(recursive=True)
    os.killpg(again.pid, signal.SIGTERM)
    again.wait()
    assert left_of(psutil.wait_procs(started, timeout=60)[1]) == []
    assert list(kept.glob("plain-0-*/state.pt")) == [state]


def left_of(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run: one that has ended may wait long for whoever inherited it."""
    return [one for one in processes if one.status() != psutil.STATUS_ZOMBIE]


def test_two_processes_go_on_after_an_interruption(repository):
    params = repository.params()
    params["train"] |= {"epochs": 40, "processes": 2}
    repository.write_params(params)
    running = repository.start("dvc", "repro", "train@plain-0")
    kept = repository.folder / ".assay/resume"
    wait_for(lambda: list(kept.glob("plain-0-*/state.pt")), seconds=120)
    os.killpg(running.pid, signal.SIGINT)
    running.wait()
    again = repository.repro("train@plain-0")
    assert "plain-0  goes on in epoch" in again.text
    assert repository.json("costs/train/plain-0.json")["machine"]["processes"] == 2
    assert len(pd.read_csv(repository.folder / "curves/plain-0.csv")) == 40


def test_the_submission_of_the_winner_covers_every_unlabelled_image(repository):
    with (repository.folder / "predictions/winner.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["ImageId"]) for row in rows] == list(range(1, 10))
    assert {row["Label"] for row in rows} <= {*CLASSES}


def test_no_class_name_breaks_a_file_that_people_read(repository):
    folder = repository.folder
    answers = pd.read_parquet(folder / "predictions/plain-0.parquet")
    assert {*answers["label"].dropna()} == {*CLASSES}
    for place in ("actual", "predicted"):
        assert {*pd.read_csv(folder / "plots/confusions.csv")[place]} == {*CLASSES}
    seen = repository.json("pictures/plain-0.json")["explained"]
    assert [one["class"] for one in seen] == sorted(CLASSES)
    for name in ("report.html", "report.md"):
        assert "<script>alert" not in (folder / "reports" / name).read_text(encoding="utf-8")


def test_plots_are_shown_for_one_revision_and_for_two(repository):
    declared = [*map(list, yaml.safe_load((repository.folder / "dvc.yaml").read_text())["plots"])]
    empty = {"grid", "validation accuracy of kept epochs"}  # there are none
    titles = {title for [title] in declared} - empty
    params = repository.params()
    params["report"]["title"] = "Other shapes"
    params["train"]["epochs"] = 1
    repository.write_params(params)
    repository.repro()
    for command, revisions in (("show", {"workspace"}), ("diff", {"workspace", "HEAD"})):
        told = json.loads(repository.call("dvc", "plots", command, "--json").stdout)
        assert not told.get("errors")
        drawn = {title: plots for title, plots in told["data"].items() if plots}
        assert {*drawn} == titles
        for plots in drawn.values():
            assert {rev for one in plots for rev in one["revisions"]} == revisions
    repository.succeed("dvc", "plots", "diff")
    page = (repository.folder / "dvc_plots/index.html").read_text(encoding="utf-8")
    assert all(title in page for title in titles)


def test_a_killed_run_is_taken_up_by_the_next(repository):
    params = repository.params()
    params["train"]["epochs"] = 150
    repository.write_params(params)
    running = repository.start("dvc", "repro", "train@plain-0")
    kept = repository.folder / ".assay/resume"
    wait_for(lambda: list(kept.glob("plain-0-*/state.pt")), seconds=60)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    again = repository.repro("train@plain-0")
    assert "train@plain-0" in again.stages
    assert "plain-0  goes on in epoch" in again.text
    left = {path.name for path in (repository.folder / "models/plain-0").iterdir()}
    assert left == {"last.safetensors", "best.safetensors", "config.json", "classes.json"}


def test_a_run_killed_before_dvc_has_recorded_it_is_taken_up_and_then_forgotten(repository):
    params = repository.params()
    params["train"]["lr"] = 2e-3
    repository.write_params(params)
    kept, before = repository.folder / ".assay/resume", repository.outputs()
    running = repository.start("dvc", "repro", "train@plain-0")
    wait_for(lambda: list(kept.glob("plain-0-*/ended.md5")), seconds=120, every=0.005)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    name = "models/plain-0"
    assert repository.outputs()[name] == before[name]
    assert "plain-0  goes on in epoch" in repository.repro("train@plain-0").text
    assert repository.outputs()[name] != before[name]
    assert list(kept.glob("plain-0-*"))
    repository.repro("evaluate@plain-0")
    assert not list(kept.glob("plain-0-*"))
