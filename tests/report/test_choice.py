"""The choice is made on validation, and on nothing else."""

from dataclasses import replace

import pytest

from assay.report.choice import best_seed, ranked
from assay.report.findings import findings
from assay.report.story import warnings


def scored(run, **scores):
    """The same run with other scores, by split."""
    splits = {
        name: judged | {"scores": judged["scores"] | scores.get(name, {})}
        for name, judged in run.splits.items()
    }
    return replace(run, splits=splits)


def test_the_best_seed_is_that_of_validation_and_not_of_the_test_split(study):
    first, second = study.write()[1].by_variant["vgg16"]
    low = scored(first, val={"accuracy": 0.5}, test={"accuracy": 1.0})
    high = scored(second, val={"accuracy": 0.6}, test={"accuracy": 0.1})
    assert best_seed([low, high]).seed == second.seed == 1


@pytest.mark.parametrize("loss", [0.1, 0.3])
def test_of_equally_accurate_seeds_the_one_with_the_lower_loss_is_best(study, loss):
    first, second = study.write()[1].by_variant["vgg16"]
    one = scored(first, val={"accuracy": 0.5, "loss": 0.2})
    other = scored(second, val={"accuracy": 0.5, "loss": loss})
    assert best_seed([one, other]).seed == (1 if loss < 0.2 else 0)


def test_variants_are_ranked_by_validation_though_the_test_split_disagrees(study):
    _, found = study.write()
    accuracy = {"vgg16": 0.9, "resnet18": 0.8, "resnet18-gn": 0.7}
    runs = tuple(
        scored(
            run,
            val={"accuracy": accuracy[run.variant]},
            test={"accuracy": 1 - accuracy[run.variant]},
        )
        for run in found.runs
    )
    assert ranked(replace(found, runs=runs)) == ["vgg16", "resnet18", "resnet18-gn"]


@pytest.mark.parametrize("seeds", [[0], [0, 1]])
def test_a_reader_is_warned_of_a_single_seed(study, seeds):
    study.seeds = seeds
    experiment, found = study.write()
    told = warnings(findings(experiment, found), experiment)
    assert any(text.startswith("One seed") for text in told) == (len(seeds) == 1)


def test_a_reader_is_warned_of_variants_that_did_not_start_from_scratch(study):
    study.variants["resnet18"]["model"]["weights"] = "weights/own.pth"
    experiment, found = study.write()
    [line] = [
        one
        for one in warnings(findings(experiment, found), experiment)
        if "Not from scratch" in one
    ]
    assert "resnet18 (model.weights)" in line
    assert "vgg16" not in line


def test_where_nothing_is_chosen_no_choice_is_warned_of(study):
    study.sizes["test"] = 0
    chosen = "No test split: the choice"
    experiment, found = study.write()
    assert any(chosen in one for one in warnings(findings(experiment, found), experiment))
    study.variants = {name: {"train": {"on": "train+val"}} for name in ("a", "b")}
    experiment, found = study.write()
    assert not any(chosen in one for one in warnings(findings(experiment, found), experiment))
