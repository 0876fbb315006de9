"""Reading the runs: the grid's runs, all of them, and no others."""

import pandas as pd
import pytest

from assay.fault import Fault
from assay.report import results


def test_runs_come_in_the_order_of_the_parameters_whatever_else_lies_there(study):
    study.write()
    study._run("left-over", 9, 0.5)
    found = results.read([("resnet18", 1), ("vgg16", 0)], study.root)
    assert [(run.variant, run.seed) for run in found.runs] == [("resnet18", 1), ("vgg16", 0)]


FILES = [
    "metrics/data.json",
    "metrics/runs/vgg16-1.json",
    "outcomes/vgg16-1.parquet",
    "curves/vgg16-1.csv",
    "depths/vgg16-1.csv",
    "checkpoints/vgg16-1.csv",
    "costs/train/vgg16-1.json",
    "costs/evaluate/vgg16-1.json",
]


@pytest.mark.parametrize("path", FILES)
def test_a_missing_file_is_named(study, path):
    experiment, _ = study.write()
    (study.root / path).unlink()
    with pytest.raises(Fault, match=f"{path}: missing"):
        results.read(experiment.runs, study.root)


@pytest.mark.parametrize("path", FILES)
def test_an_empty_file_is_named(study, path):
    experiment, _ = study.write()
    (study.root / path).write_bytes(b"")
    with pytest.raises(Fault, match=f"{path}: cannot be read"):
        results.read(experiment.runs, study.root)


@pytest.mark.parametrize("first", [{}, {"train": {"on": "train+val"}}])
def test_runs_judged_on_other_images_are_refused(study, first):
    study.variants = {"first": first, **study.variants}
    experiment, _ = study.write()
    path = study.root / "outcomes/resnet18-0.parquet"
    rows = pd.read_parquet(path)
    val = rows["split"] == "val"
    pd.concat([rows[~val], rows[val][::-1]]).reset_index(drop=True).to_parquet(path)
    other = "vgg16-0" if first else "first-0"
    with pytest.raises(Fault, match=rf"resnet18-0\.parquet: not the images of .*{other}"):
        results.read(experiment.runs, study.root)


def test_a_file_that_lacks_what_the_report_needs_is_named_with_the_stage_that_makes_it(study):
    experiment, found = study.write()
    path = study.root / "outcomes/vgg16-0.parquet"
    whole = path.read_bytes()
    pd.read_parquet(path).drop(columns=["rank", "loss"]).to_parquet(path)
    with pytest.raises(Fault, match=r"vgg16-0.parquet: loss and rank missing; .* evaluate@vgg16-0"):
        results.read(experiment.runs, study.root)
    path.write_bytes(whole)
    (study.root / "pictures/vgg16-0.json").write_text('{"split": "test", "worst": []}')
    with pytest.raises(Fault, match=r"vgg16-0.json: explained and confused missing; make it"):
        _ = found.runs[0].pictures
    path = study.root / "depths/vgg16-0.csv"
    for table, told in (("depth,layer\n1,a\n", "activation and gradient"), ("depth\n", "a row")):
        path.write_text(table)
        with pytest.raises(Fault, match=rf"vgg16-0.csv: {told} missing; .* train@vgg16-0"):
            results.read(experiment.runs, study.root)


@pytest.mark.parametrize(
    ("path", "stage"),
    [
        ("metrics/data.json", "split"),
        ("metrics/runs/vgg16-1.json", "evaluate@vgg16-1"),
        ("curves/vgg16-1.csv", "train@vgg16-1"),
        ("checkpoints/vgg16-1.csv", "evaluate@vgg16-1"),
        ("costs/train/vgg16-1.json", "train@vgg16-1"),
        ("costs/evaluate/vgg16-1.json", "evaluate@vgg16-1"),
    ],
)
def test_a_file_of_something_else_is_named_with_the_stage_that_makes_it(study, path, stage):
    experiment, _ = study.write()
    (study.root / path).write_text("{}" if path.endswith("json") else "one,two\n1,2\n")
    with pytest.raises(Fault, match=rf"{path}: .* missing; make it .* {stage}`"):
        results.read(experiment.runs, study.root)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: rows[rows["split"] != "test"],
        lambda rows: rows.assign(loss=float("nan")),
        lambda rows: rows.assign(prediction=(rows["prediction"] + 1) % 10),
    ],
)
def test_answers_that_are_not_those_judged_are_refused(study, spoil):
    experiment, _ = study.write()
    for name in ("vgg16-0", "resnet18-0"):
        path = study.root / f"outcomes/{name}.parquet"
        spoil(pd.read_parquet(path)).to_parquet(path)
    with pytest.raises(Fault, match=r"vgg16-0.parquet: not the answers that metrics/runs/vgg16-0"):
        results.read(experiment.runs, study.root)
