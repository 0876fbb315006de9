"""The tables behind `dvc plots` say what the report's figures show."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from assay.report.findings import findings
from assay.report.plots import plots

PLOTS = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["plots"]


@pytest.fixture
def made(study):
    experiment, found = study.write()
    return found, plots(findings(experiment, found), experiment.plans)


def test_every_declared_plot_has_its_columns_and_its_template(made):
    _, tables = made
    used = set()
    for [(title, known)] in (entry.items() for entry in PLOTS):
        [(file, y)] = known["y"].items()
        name = re.fullmatch(r"plots/([a-z_]+)\.csv", file)[1]
        assert {known["x"], y} <= {*tables[name].columns}, title
        template = Path(".dvc/plots", f"{known['template']}.json").read_text(encoding="utf-8")
        fields = set(re.findall(r'"field": "([a-z]+)"', template)) - {"rev"}
        assert fields <= {*tables[name].columns}, title
        used.add(name)
    assert used == {*tables}


def test_curves_hold_every_epoch_of_every_run(made):
    found, tables = made
    for run in found.runs:
        rows = tables["curves"].query("variant == @run.variant and seed == @run.seed")
        assert rows["val_accuracy"].tolist() == run.curve["val_accuracy"].tolist()
        assert rows["epoch"].tolist() == run.curve["epoch"].tolist()


def test_confusions_add_up_to_the_images_of_all_seeds_in_the_classes_order(made, study):
    found, tables = made
    for variant, runs in found.by_variant.items():
        rows = tables["confusions"].loc[lambda table, name=variant: table["variant"] == name]
        total = np.sum([run.splits["test"]["confusion"] for run in runs], axis=0)
        assert rows["images"].sum() == total.sum()
        assert list(dict.fromkeys(rows["actual"])) == study.classes
        assert list(dict.fromkeys(rows["predicted"])) == study.classes
        for row in rows.itertuples():
            places = study.classes.index(row.actual), study.classes.index(row.predicted)
            assert row.images == total[places]


def test_accuracies_lie_in_their_intervals_and_average_to_their_mean(made):
    _, tables = made
    table = tables["accuracies"]
    for _, rows in table.groupby(["split", "variant"]):
        assert rows["accuracy"].mean() == pytest.approx(rows["mean"].iloc[0])
        assert (rows["low"] <= rows["mean"]).all()
        assert (rows["mean"] <= rows["high"]).all()


def test_a_study_without_a_grid_kept_epochs_or_validation_leaves_headers(study):
    study.sizes["val"] = 0
    del study.variants["resnet18-gn"]
    experiment, found = study.write()
    tables = plots(findings(experiment, found), experiment.plans)
    assert len(tables["grid"]) == 0
    assert len(tables["checkpoints"]) == 0
    assert [*tables["checkpoints"].columns][:2] == ["epoch", "val_accuracy"]
    assert {*tables["accuracies"]["split"]} == {"test"}


def test_the_crossings_of_a_grid_are_named_with_their_keys(study):
    study.variants = {
        f"{norm}-{size}": {
            "model": {"arch": "resnet18", "norm": norm},
            "train": {"batch_size": size},
        }
        for norm in ("bn", "gn")
        for size in (32, 64)
    }
    experiment, found = study.write()
    table = plots(findings(experiment, found), experiment.plans)["grid"]
    assert sorted(table["variant"]) == sorted(study.variants)
    assert {*table["row"]} == {"model.norm: bn", "model.norm: gn"}
    assert {*table["column"]} == {"train.batch_size: 32", "train.batch_size: 64"}
