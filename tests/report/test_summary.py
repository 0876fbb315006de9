"""The metrics files say what the runs say."""

import json
import math
from statistics import fmean, stdev

import numpy as np
import pytest

from assay.evaluation.compare import compare
from assay.report import summary
from assay.report.choice import best_seed, ranked
from assay.report.cost import cost_json, seconds_to
from assay.report.findings import findings
from assay.report.markdown import markdown
from assay.report.measures import Measures
from assay.report.page import html
from assay.report.score_tables import paired
from assay.report.submission import winners_submission


def numbers(value, prefix=""):
    """Every leaf of nested dicts by its dotted key."""
    if not isinstance(value, dict):
        return {prefix: value}
    return {k: v for key, one in value.items() for k, v in numbers(one, f"{prefix}.{key}").items()}


def test_the_summary_holds_means_over_seeds_for_every_variant_and_split(study):
    _, found = study.write()
    written = summary.summary_json(summary.scores(found, Measures(found, 15), 0.95))
    assert set(written) == set(study.variants)
    for variant, splits in written.items():
        for split, scores in splits.items():
            for name, value in scores.items():
                runs = found.by_variant[variant]
                assert value == pytest.approx(fmean(r.score(split, name) for r in runs), abs=1e-6)


def test_the_mean_of_every_score_is_that_of_its_runs_however_many_bins(study):
    study.bins, study.changes = 4, {"evaluate": {"calibration_bins": 4}}
    experiment, results = study.write()
    found = findings(experiment, results).scores
    for variant, runs in results.by_variant.items():
        for split, of_split in found[variant].items():
            for name, one in of_split.items():
                of_runs = [run.splits[split]["scores"][name] for run in runs]
                assert one.mean == pytest.approx(fmean(of_runs), rel=1e-4), name


def test_the_deviation_is_that_over_seeds_and_null_with_one(study):
    _, found = study.write()
    one = summary.scores_json(summary.scores(found, Measures(found, 15), 0.95))["vgg16"]["test"][
        "accuracy"
    ]
    seeds = [run.score("test", "accuracy") for run in found.by_variant["vgg16"]]
    assert one["std"] == pytest.approx(stdev(seeds), abs=1e-6)
    study.seeds = [4]
    _, found = study.write()
    written = numbers(summary.scores_json(summary.scores(found, Measures(found, 15), 0.95)))
    assert {value for key, value in written.items() if key.endswith(".std")} == {None}
    assert {value for key, value in written.items() if key.endswith(".n")} == {1}


def test_scores_stay_between_0_and_1_and_a_loss_may_exceed_1(study):
    study.right = dict.fromkeys(study.variants, 0.3)
    _, found = study.write()
    for splits in summary.scores(found, Measures(found, 15), 0.999).values():
        for scores in splits.values():
            assert scores["loss"].high > 1
            assert math.isnan(scores.pop("calibration_error").low)
            assert all(0 <= one.low <= one.high <= 1 for n, one in scores.items() if n != "loss")


def test_every_pair_is_compared_on_validation_and_test_but_not_on_training(study):
    _, found = study.write()
    written = summary.differences_json(summary.differences(found, Measures(found, 15), 0.95))
    assert {split: len(pairs) for split, pairs in written.items()} == {
        "val": 3,
        "test": 3,
    }
    json.dumps(written, allow_nan=False)


def test_a_clear_difference_is_found_and_named_for_the_better(study):
    study.variants = {"bad": {}, "good": {}}
    study.right, study.seeds = {"bad": 0.5, "good": 0.97}, [0, 1, 2]
    _, found = study.write()
    written = summary.differences_json(summary.differences(found, Measures(found, 15), 0.95))
    pair = written["test"]["bad vs good"]
    assert (pair["a"], pair["b"], pair["verdict"]) == ("bad", "good", "b is better")
    assert pair["high"] < 0


def test_the_choice_is_blind_to_the_test_split(study):
    _, found = study.write()
    before = ranked(found)
    for run in found.runs:
        run.splits["test"]["scores"]["accuracy"] = float(run.variant == before[-1])
    assert ranked(found) == before


def test_ties_go_to_the_lower_loss_then_to_the_name(study):
    _, found = study.write()
    for run in found.runs:
        run.splits["val"]["scores"] |= {"accuracy": 0.5, "loss": 1.0}
    assert ranked(found) == sorted(study.variants)
    for run in found.by_variant["vgg16"]:
        run.splits["val"]["scores"]["loss"] = 0.9
    assert ranked(found)[0] == "vgg16"
    assert best_seed(found.by_variant["vgg16"]).seed == 0


def test_without_validation_nothing_is_chosen_and_nothing_submitted(study):
    study.sizes["val"] = 0
    _, found = study.write()
    assert summary.chosen_json(found) is None
    assert winners_submission(found) == "ImageId,Label\n"


def test_time_to_accuracy_counts_the_epochs_up_to_the_first_that_reaches_it(study):
    _, found = study.write()
    run = found.runs[0]
    run.curve["val_accuracy"] = [0.1, 0.5, 0.96, 0.4, 0.97, 0.99]
    assert seconds_to(0.95, run) == sum(run.training["epoch_seconds"][:3])
    assert seconds_to(0.995, run) is None


def test_a_cost_that_one_seed_never_reaches_is_null(study):
    _, found = study.write()
    for run, top in zip(found.by_variant["vgg16"], (0.99, 0.5), strict=True):
        run.curve["val_accuracy"] = top
    assert cost_json(found, 0.95)["variants"]["vgg16"]["seconds_to_accuracy"] is None


def test_time_to_accuracy_is_the_mean_where_every_seed_reached_it_as_both_reports_say(study):
    given, found = study.write()
    runs = found.by_variant["vgg16"]
    for run, epoch in zip(runs, (1, 3), strict=True):
        run.curve["val_accuracy"] = run.curve["epoch"] >= epoch
    waited = [sum(runs[seed].training["epoch_seconds"][:count]) for seed, count in ((0, 1), (1, 3))]
    mean = cost_json(found, 0.95)["variants"]["vgg16"]["seconds_to_accuracy"]
    assert mean == pytest.approx(sum(waited) / 2, abs=0.005)
    for report in (html, markdown):
        text = report(given, findings(given, found))
        assert "the mean over seeds, where every seed reached it" in text
        assert "on the validation images that training looks at" in text


def test_costs_name_each_machine_once(study):
    _, found = study.write()
    assert len(cost_json(found, 0.95)["machines"]) == 1


def test_of_the_metrics_cost_alone_holds_timings(study):
    _, found = study.write()
    scores = summary.scores(found, Measures(found, 15), 0.95)
    compared = summary.differences_json(summary.differences(found, Measures(found, 15), 0.95))
    keys = numbers(summary.summary_json(scores)) | numbers(summary.scores_json(scores))
    keys |= numbers(compared)
    assert len(keys) > 100
    assert not [key for key in keys if "second" in key or "memory" in key]


def test_the_calibration_error_has_a_deviation_and_no_interval(study):
    _, found = study.write()
    written = summary.scores_json(summary.scores(found, Measures(found, 15), 0.95))
    one = written["vgg16"]["test"]["calibration_error"]
    assert (one["low"], one["high"]) == (None, None)
    assert one["std"] is not None


@pytest.mark.parametrize(("a", "b"), [("a", "b"), ("b", "a"), ("web", "bella")])
def test_the_verdict_on_a_pair_names_the_better_whatever_it_is_called(a, b):
    right, wrong = np.ones((2, 300), bool), np.zeros((2, 300), bool)
    for pair in ({a: right, b: wrong}, {b: wrong, a: right}):
        [row] = paired(compare(pair, 0.95)).rows
        assert row[6].text == f"{a} is better"
