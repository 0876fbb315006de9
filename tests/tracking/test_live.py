"""Laws of the mirror in MLflow of what runs now."""

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import mlflow
import numpy as np
import psutil
import pytest
import torch
from torch import nn

from assay import tracking
from assay.entry import one_line
from assay.fault import Fault
from assay.tracking import patience, server
from assay.tracking.runs import git

PLAN = {"model": {"arch": "resnet18", "norm": "gn"}, "train": {"lr": 0.1, "threads": None}}
DATA = {"hash": "0123456789abcdef" * 4}
REVISION = "0" * 40 + ", with uncommitted changes"
SPLITS = {"test": {"scores": {"accuracy": 0.5}, "confusion": [[1, 0], [1, 0]], "images": 2}}


def training(variant="gn", seed=3):
    return tracking.training(variant, seed, plan=PLAN, data=DATA, revision=REVISION)


def client(root):
    return mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")


def runs(root, study="birds"):
    found = client(root).get_experiment_by_name(study)
    return client(root).search_runs([found.experiment_id]) if found else []


def test_a_run_is_written_with_parameters_curve_and_tags(repository):
    with training() as tracker:
        tracker.curve({1: {"train_loss": 0.5, "val_loss": None}})
        tracker.curve({2: {"train_loss": 0.25, "val_loss": None}})
    [run] = runs(repository)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "gn-3"
    wanted = {"variant": "gn", "seed": "3", "model.arch": "resnet18", "train.lr": "0.1"}
    assert wanted.items() <= run.data.params.items()
    assert {"variant": "gn", "seed": "3", "study": "birds", "stage": "train"}.items() <= (
        run.data.tags.items()
    )
    assert (run.data.tags["git.revision"], run.data.tags["git.dirty"]) == ("0" * 40, "true")
    assert run.data.tags["data"] == DATA["hash"]
    curve = client(repository).get_metric_history(run.info.run_id, "curves/train_loss")
    assert [(point.step, point.value) for point in curve] == [(1, 0.5), (2, 0.25)]
    assert "curves/val_loss" not in run.data.metrics
    [data] = run.inputs.dataset_inputs
    assert DATA["hash"].startswith(data.dataset.digest)


def test_outside_of_git_no_tag_speaks_of_it():
    assert git("none") == git("none, with uncommitted changes") == {}


def test_another_plan_has_another_hash(repository):
    for lr in (0.1, 0.1, 0.2):
        plan = PLAN | {"train": {"lr": lr}}
        with tracking.training(f"lr-{lr}", 0, plan=plan, data=DATA, revision=REVISION):
            pass
    hashes = {(run.data.params["train.lr"], run.data.tags["plan"]) for run in runs(repository)}
    assert len(hashes) == len({tag for _, tag in hashes}) == 2


@pytest.mark.parametrize(
    ("error", "status"),
    [(Fault, "FAILED"), (RuntimeError, "FAILED"), (KeyboardInterrupt, "KILLED")],
)
def test_what_goes_wrong_inside_goes_on_and_ends_the_run(repository, error, status):
    with pytest.raises(error, match="of the user"), training():
        raise error("of the user")
    [run] = runs(repository)
    assert run.info.status == status


def test_a_termination_of_a_stage_ends_the_run_killed(repository):
    def terminated():
        with training():
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)

    with pytest.raises(SystemExit, match="error: interrupted"):
        one_line(terminated)
    [run] = runs(repository)
    assert run.info.status == "KILLED"


def test_the_curve_of_a_resumed_training_is_one_call(repository, slow):
    with training() as tracker:
        tracker.curve({epoch: {"train_loss": 1 / epoch} for epoch in range(1, 301)})
    assert curves(slow) == 2  # the other is of the parameters


def test_a_run_whose_logging_broke_off_ends_with_one_warning_and_its_true_status(
    repository, monkeypatch, capsys
):
    def broken(*words, **more):
        raise OSError("disk full")

    def failing():
        with training() as tracker:
            tracker.metrics({"one": 1.0})
            tracker.metrics({"two": 2.0})
            raise Fault("of the user")

    monkeypatch.setattr(mlflow, "log_metrics", broken)
    with pytest.raises(Fault):
        failing()
    assert capsys.readouterr().err == "warning: MLflow: disk full; the run goes on without it\n"
    [run] = runs(repository)
    assert run.info.status == "FAILED"
    assert mlflow.active_run() is None


SILENT = """
import sys
from assay import tracking
with tracking.training("gn", 0, plan={}, data={"hash": "0"}, revision="none") as one:
    one.metrics({"x": 1.0}); one.curve({1: {"x": 1.0}}); one.scores({}); one.tags({}, "x")
    one.model(None, [1], "0"); one.confusion({}, []); one.judged({}, [])
with tracking.evaluation("x", 0, "0") as one:
    one.scores({"test": {"scores": {"accuracy": 1.0}}})
assert not [name for name in sys.modules if name.split(".")[0] == "mlflow"]
"""


@pytest.mark.parametrize("word", ["off", "OFF", "0", "false"])
def test_off_nothing_is_imported_and_nothing_written(tmp_path, word):
    path = os.pathsep.join(filter(None, sys.path))
    environment = os.environ | {"ASSAY_TRACKING": word, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", SILENT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_not_there_costs_one_warning(repository, monkeypatch, capsys):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")  # discard: nobody listens
    started, steps = time.monotonic(), []
    with training() as tracker:
        for step in range(20):
            tracker.metrics({"loss": 1.0})
            steps.append(step)
    assert time.monotonic() - started < 30  # not 20 times a timeout of 10 s
    assert len(steps) == 20
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: MLflow: ")
    assert line.endswith("; the run goes on without it")


class Slow(BaseHTTPRequestHandler):
    """Answers whatever it is asked alike, and takes its time."""

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(0.1)
        run = {"info": {"run_id": "1", "experiment_id": "1", "status": "RUNNING"}, "data": {}}
        text = json.dumps({"experiment": {"experiment_id": "1", "name": "birds"}, "run": run})
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = answer

    def log_message(self, *words):
        pass


@pytest.fixture
def slow(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.asked = []
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def curves(server):
    return sum(path.endswith("runs/log-batch") for path in server.asked)


def test_a_slow_server_is_given_up_after_a_while_with_one_warning(
    repository, monkeypatch, slow, capsys
):
    monkeypatch.setattr(patience, "AT_FIRST", 1.5)
    with training() as tracker:
        for epoch in range(1, 101):
            tracker.curve({epoch: {"train_loss": 1.0}})
    assert curves(slow) < 20
    [line] = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"warning: MLflow: it is slow: logging took \d+ of \d+ s; the run goes on without it", line
    )
    assert mlflow.active_run() is None


def test_what_a_server_takes_at_first_is_forgiven(repository, monkeypatch, slow, capsys):
    monkeypatch.setattr(patience, "AT_FIRST", 600.0)  # however busy this machine is
    with training() as tracker:
        for epoch in range(1, 11):
            tracker.curve({epoch: {"train_loss": 1.0}})
    assert curves(slow) >= 10
    assert capsys.readouterr().err == ""


def lasting(monkeypatch, working, logging):
    """How many of 1000 epochs are logged that take so many seconds, and their logging."""
    now = [0.0]
    monkeypatch.setattr(patience.time, "monotonic", lambda: now[0])
    bounds = patience.Patience()
    for epoch in range(1000):
        now[0] += working
        try:
            with bounds:
                now[0] += logging
        except TimeoutError:
            return epoch
    return 1000


def test_logging_may_take_its_share_of_the_time_and_no_more(monkeypatch):
    assert lasting(monkeypatch, working=20.0, logging=1.0) == 1000
    assert lasting(monkeypatch, working=0.0, logging=10.0) == 7
    few, many = (lasting(monkeypatch, working=seconds, logging=5.0) for seconds in (20.0, 80.0))
    assert few < many < 1000


def test_a_server_that_is_named_is_used(repository, tmp_path, monkeypatch):
    shutil.copy("mlflow.db", tmp_path / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    with training():
        pass
    assert len(runs(tmp_path)) == 1
    assert not runs(repository)


def left_running(root, process):
    """A run that says RUNNING of a process (`host:id`)."""
    with training("left") as _:
        pass
    [run] = [run for run in runs(root) if run.info.run_name == "left-3"]
    client(root).set_tag(run.info.run_id, "process", process)
    client(root).update_run(run.info.run_id, status="RUNNING")
    return run.info.run_id


def dead():
    """The id of a process that has ended."""
    return next(number for number in range(2**22 - 1, 1, -1) if not psutil.pid_exists(number))


def test_the_run_of_a_process_that_was_killed_is_said_to_be_killed(repository):
    run = left_running(repository, f"{platform.node()}:{dead()}")
    with training():
        pass
    assert client(repository).get_run(run).info.status == "KILLED"


@pytest.mark.parametrize("process", ["elsewhere:{dead}", "{host}:{alive}"])
def test_runs_that_may_still_go_on_are_left_alone(repository, process):
    words = {"dead": dead(), "alive": os.getppid(), "host": platform.node()}
    run = left_running(repository, process.format(**words))
    with training():
        pass
    assert client(repository).get_run(run).info.status == "RUNNING"


def test_evaluation_goes_on_with_the_run_that_made_the_weights(repository):
    for variant, weights in [("a", "aaaa"), ("b", "bbbb"), ("c", "aaaa")]:
        with training(variant) as tracker:
            tracker._do(lambda one, weights=weights: one.set_tag("weights", weights))
    with tracking.evaluation("a", 3, "aaaa") as tracker:
        tracker.judged(SPLITS, ["$cat", "dog"])
    found = {run.info.run_name: run for run in runs(repository)}
    assert set(found) == {"a-3", "b-3", "c-3"}
    assert found["a-3"].data.metrics["test/accuracy"] == 0.5
    assert found["a-3"].info.status == "FINISHED"
    assert found["a-3"].data.tags["stage"] == "evaluate"
    for other in ("b-3", "c-3"):  # of other weights, and another variant with the same
        assert "test/accuracy" not in found[other].data.metrics
    [folder] = client(repository).list_artifacts(found["a-3"].info.run_id)
    assert folder.path == "confusion"


def test_of_two_experiments_that_made_the_same_each_is_judged(repository, monkeypatch):
    for name in ("first", "second"):
        monkeypatch.setenv("DVC_EXP_NAME", name)
        with training() as tracker:
            tracker._do(lambda one: one.set_tag("weights", "aaaa"))
    for name, accuracy in (("first", 0.25), ("second", 0.75), ("third", 0.5)):
        monkeypatch.setenv("DVC_EXP_NAME", name)
        with tracking.evaluation("gn", 3, "aaaa") as tracker:
            tracker.metrics({"test/accuracy": accuracy})
        found = {run.data.tags["dvc.experiment"]: run.data.metrics for run in runs(repository)}
        newest = "second" if name == "third" else name  # nothing was trained for the third
        assert found[newest]["test/accuracy"] == accuracy
    assert found["first"]["test/accuracy"] == 0.25


def test_a_deleted_experiment_is_told_with_the_way_to_get_it_back(repository, capsys):
    with training():
        pass
    number = client(repository).get_experiment_by_name("birds").experiment_id
    client(repository).delete_experiment(number)
    with training() as tracker:
        tracker.metrics({"loss": 1.0})
    assert capsys.readouterr().err == (
        "warning: MLflow: its experiment 'birds' was deleted; MLFLOW_TRACKING_URI=sqlite:///"
        f"{repository}/mlflow.db mlflow experiments restore --experiment-id {number}; the run "
        "goes on without it\n"
    )


@pytest.mark.parametrize("given", [None, "3"])
def test_a_server_may_take_longer_for_a_file_unless_the_user_says_otherwise(monkeypatch, given):
    if given:
        monkeypatch.setenv(server.TIMEOUT, given)
    server.connected()
    quick = os.environ[server.TIMEOUT]
    assert quick == given or float(quick) < 30
    with server.uploading():
        assert os.environ.get(server.TIMEOUT) == given
    assert os.environ[server.TIMEOUT] == quick


def test_evaluation_of_weights_that_nobody_logged_writes_nothing(repository, capsys):
    with training():
        pass
    with tracking.evaluation("gn", 3, "cccc") as tracker:
        tracker.judged(SPLITS, ["cat", "dog"])
    [run] = runs(repository)
    assert run.data.tags["stage"] == "train"
    assert "test/accuracy" not in run.data.metrics
    assert capsys.readouterr().err == ""


def test_database_and_artifacts_lie_in_the_repository_that_dvc_was_started_in(
    repository, tmp_path, monkeypatch
):
    copy = tmp_path / "copy" / "studies" / "digits"
    copy.mkdir(parents=True)
    (tmp_path / "copy" / ".dvc").mkdir()
    monkeypatch.chdir(copy)
    monkeypatch.setenv("DVC_ROOT", str(repository))
    monkeypatch.setenv("DVC_EXP_NAME", "dusty-bird")
    with training():
        pass
    [run] = runs(repository, "studies/digits")
    assert run.data.tags["dvc.experiment"] == "dusty-bird"
    assert run.info.artifact_uri.startswith((repository / "mlartifacts").as_uri())
    assert not list(copy.iterdir())


class Network(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 2))


def test_the_model_is_kept_once_without_pickle_and_answers_as_the_network(repository):
    network = Network().train()
    with training() as tracker:
        tracker.model(network, [1, 4, 4], "aaaa")
    [run] = runs(repository)
    assert run.data.tags["weights"] == "aaaa"
    assert network.training
    [path] = Path(repository, "mlartifacts").rglob("model.pt2")
    assert not list(Path(repository, "mlartifacts").rglob("*.p*kl*"))
    images = np.random.default_rng(0).normal(size=(5, 1, 4, 4)).astype(np.float32)
    with torch.inference_mode():
        expected = network.eval()(torch.from_numpy(images))
    again = torch.export.load(path).module()
    torch.testing.assert_close(again(torch.from_numpy(images)), expected)


def test_a_run_on_a_part_of_the_data_bears_it_in_its_name(repository):
    for data in (DATA, DATA | {"subset": 300}):
        with tracking.training("gn", 3, plan=PLAN, data=data, revision=REVISION):
            pass
    names = {run.info.run_name for run in runs(repository)}
    assert names == {"gn-3", "gn-3 (subset)"}
