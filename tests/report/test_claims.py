"""Claims of params.yaml, judged by a study's files."""

import json
import re

import numpy as np
import pytest

from assay.fault import Fault
from assay.params import experiment as params
from assay.params.quantities import COSTS
from assay.report import results
from assay.report.claims import claims_json, claims_table, words
from assay.report.cost import cost_json
from assay.report.findings import findings, write, written
from assay.report.markdown import markdown
from assay.report.measures import Measures
from assay.report.numbers import Numbers
from assay.report.page import html
from assay.report.reference import reference_table
from assay.report.results import committed

RIGHT = {"vgg16": 0.7, "resnet18": 0.9, "resnet18-gn": 0.9, "bn": 0.9}
CLAIMS = {
    "supported": [
        {"better": "resnet18", "than": "vgg16", "on": "test.accuracy"},
        {"better": "resnet18", "than": "vgg16", "on": "test.loss"},
        {"worst": "vgg16", "among": ["vgg16", "resnet18", "resnet18-gn"], "on": "val.f1_macro"},
        {"better": "resnet18", "than": "vgg16", "on": "parameters"},
        {"equal": ["resnet18", "resnet18-gn"], "within": 0.2, "on": "test.accuracy"},
        {"at_most": 0.9, "of": "vgg16", "on": "test.accuracy"},
        {"at_least": 100, "of": "vgg16", "on": "multiply_adds"},
        {"gain": ["resnet18", "vgg16"], "over": ["bn", "resnet18-gn"], "on": "test.accuracy"},
        {"gain": ["resnet18", "vgg16"], "over": ["bn", "resnet18-gn"], "on": "test.loss"},
    ],
    "refuted": [
        {"better": "vgg16", "than": "resnet18", "on": "test.accuracy"},
        {"best": "vgg16", "among": ["vgg16", "resnet18"], "on": "test.recall_weighted"},
        {"equal": ["resnet18", "vgg16"], "within": 0.01, "on": "val.accuracy"},
        {"at_least": 0.99, "of": "vgg16", "on": "test.accuracy"},
        {"gain": ["bn", "resnet18-gn"], "over": ["resnet18", "vgg16"], "on": "val.accuracy"},
    ],
    "undecided": [
        {"better": "resnet18", "than": "resnet18-gn", "on": "test.accuracy"},
        {"better": "resnet18", "than": "vgg16", "on": "seconds_to_accuracy"},
    ],
}


def judged(study, claims):
    study.right, study.sizes = RIGHT, {"train": 300, "val": 800, "test": 800, "unlabelled": 30}
    study.seeds = [0, 1, 2]
    study.variants["bn"] = {"model": {"arch": "resnet18", "norm_eps": 1e-3}}
    study.changes = {"report": {"claims": claims}}
    experiment, results = study.write()
    return experiment, findings(experiment, results)


@pytest.mark.parametrize("verdict", CLAIMS)
def test_each_claim_has_the_verdict_that_the_runs_give_it(study, verdict):
    _, found = judged(study, CLAIMS[verdict])
    assert [one.verdict for one in found.claims] == [verdict] * len(CLAIMS[verdict])


def test_verdicts_stand_in_the_metrics_and_in_both_reports(study):
    claims = [claim for some in CLAIMS.values() for claim in some]
    experiment, found = judged(study, claims)
    told = claims_json(found.claims)
    assert [one["verdict"] for one in told] == [one.verdict for one in found.claims]
    assert told[0].items() >= claims[0].items()
    page, text = html(experiment, found), markdown(experiment, found)
    for one in found.claims:
        assert words(one.claim) in page
        assert one.verdict in text
    assert "did not reach 0.95 with every seed" in page


def test_a_gain_is_the_difference_of_two_differences(study):
    claim = {"gain": ["resnet18", "vgg16"], "over": ["bn", "resnet18-gn"], "on": "test.accuracy"}
    _, found = judged(study, [claim])
    mean = {name: found.scores[name]["test"]["accuracy"].mean for name in RIGHT}
    gained = mean["resnet18"] - mean["vgg16"] - (mean["bn"] - mean["resnet18-gn"])
    assert found.claims[0].measured == pytest.approx(gained)


def test_what_was_written_says_as_much_as_what_was_found(study):
    claims = [{"note": "a <b> & c"} | claim for some in CLAIMS.values() for claim in some]
    experiment, found = judged(study, claims)
    write(found, study.root / "metrics")
    again = written(experiment, committed(experiment.runs, study.root))
    assert claims_json(again.claims) == claims_json(found.claims)
    assert claims_table(again.claims).rows[0][-1].text == "a <b> & c"
    one, two = (re.split(r"(\d+\.\d+)", markdown(experiment, each)) for each in (found, again))
    assert one[::2] == two[::2]  # the words
    for first, second in zip(one[1::2], two[1::2], strict=True):  # rounded once, and twice
        unit = 10.0 ** -len(first.partition(".")[2])
        assert abs(float(first) - float(second)) < 1.01 * unit


def test_without_claims_the_reports_have_no_such_part(study):
    experiment, found = judged(study, [])
    assert 'id="claims"' not in html(experiment, found)
    assert "## Claims" not in markdown(experiment, found)


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ({"better": "resnet18", "on": "test.accuracy"}, "claims.0: a claim has on and better and"),
        ({"on": "test.accuracy"}, "claims.0: a claim has on"),
        ({"better": "vgg", "than": "vgg16", "on": "test.accuracy"}, "no variant 'vgg'"),
        ({"better": "resnet18", "than": "vgg16", "on": "accuracy"}, "on: no cost 'accuracy'"),
        ({"better": "resnet18", "than": "vgg16", "on": "tset.accuracy"}, "on: no split 'tset'"),
        (
            {"better": "resnet18", "than": "vgg16", "on": "test.accuracy_tta"},
            "on: accuracy_tta without evaluate.tta; set it",
        ),
        (
            {"better": "resnet18", "than": "vgg16", "on": "test.calibration_error"},
            "on: calibration_error is too large by chance alone",
        ),
        ({"better": "vgg16", "than": "vgg16", "on": "test.loss"}, "a variant is named twice"),
        ({"equal": ["vgg16"] * 2, "within": 0, "on": "test.loss"}, "a variant is named twice"),
        ({"better": "resnet18", "than": "vgg16", "on": "test.acc"}, "on: no score 'acc'"),
        ({"better": "resnet18", "than": "vgg16"}, "claims.0.on: missing"),
        (
            {"best": "vgg16", "among": ["resnet18", "resnet18-gn"], "on": "test.loss"},
            "not in among",
        ),
        ({"equal": ["vgg16", "resnet18"], "within": -1, "on": "test.loss"}, "at least 0"),
        (
            {"better": "vgg16", "then": "resnet18", "on": "test.loss"},
            "then: unknown key; did you mean than",
        ),
        (
            {"best": "vgg61", "among": ["vgg16", "resnet18"], "on": "test.loss"},
            "did you mean vgg16",
        ),
        (
            {"at_least": 95, "of": "vgg16", "on": "test.accuracy"},
            "at_least: .* share from 0 to 1, got 95",
        ),
        (
            {"equal": ["vgg16", "resnet18"], "within": 2, "on": "val.f1_macro"},
            "within: .* got 2; divide",
        ),
        ({"better": "vgg16", "than": None, "on": "test.loss"}, "claims.0: than: null says nothing"),
        ({"at_most": None, "of": "vgg16", "on": "test.loss"}, "at_most: null says nothing"),
    ],
)
def test_a_claim_that_says_nothing_is_refused_by_its_place(study, claim, told):
    study.changes = {"report": {"claims": [claim]}}
    with pytest.raises(Fault, match=told):
        study.write()


def test_a_claim_is_made_once_whatever_its_note(study):
    claim = {"better": "resnet18", "than": "vgg16", "on": "test.accuracy"}
    study.changes = {
        "report": {"claims": [claim, claim | {"on": "test.loss"}, claim | {"note": "x"}]}
    }
    with pytest.raises(Fault, match="report: claims 0 and 2 are the same; leave one out"):
        study.write()


def test_published_numbers_stand_beside_ours(study):
    number = {"of": "vgg16", "on": "test.accuracy", "value": 0.9651, "note": "averages <weighted>"}
    size = {"of": "vgg16", "on": "parameters", "value": 138e6}
    other = {"ours": "resnet18", "on": "test.accuracy", "value": 0.97}
    reference = {
        "source": "A paper & more",
        "numbers": [number, size, other],
        "unstated": ["train.epochs", "model.arch"],
    }
    study.changes = {"report": {"reference": [reference]}}
    experiment, results = study.write()
    found = findings(experiment, results)
    [one] = found.referred
    ours = found.scores["vgg16"]["test"]["accuracy"].mean
    rows = reference_table(one.numbers).rows
    assert [cell.key for cell in rows[0]][2:5] == [0.9651, ours, ours - 0.9651]
    assert rows[1][4].text == "0.97 times"
    assert one.unstated == (
        f"train.epochs: {experiment.train.epochs}",
        "model.arch: vgg16 (vgg16), resnet18 (resnet18)",  # of those that stand beside it
    )
    best = found.scores["resnet18"]["test"]["accuracy"].mean
    assert [cell.text for cell in rows[2]][:5] == [
        "resnet18", "test accuracy", "0.9700", "–", "–",
    ]  # fmt: skip
    assert [cell.key for cell in rows[2]][5:7] == [best, best - 0.97]
    write(found, study.root / "metrics")
    again = written(experiment, committed(experiment.runs, study.root))
    told = reference_table(again.referred[0].numbers).rows[2]
    assert [cell.text for cell in told] == [cell.text for cell in rows[2]]
    page, text = html(experiment, found), markdown(experiment, found)
    assert "averages &lt;weighted&gt;" in page
    assert "A paper &amp; more" in page
    assert "## Beside A paper" in text


def test_published_numbers_of_kept_epochs_stand_beside_those_of_ours(study):
    numbers = [
        {"of": "vgg16", "on": on, "epoch": epoch, "value": 0.9}
        for on, epoch in (("val.accuracy", 3), ("val.f1_macro", 6), ("val.loss", 9))
    ]
    study.changes = {
        "train": {"keep_every": 3},
        "report": {"reference": [{"source": "A paper", "numbers": numbers}]},
    }
    experiment, read = study.write()
    found = findings(experiment, read)
    write(found, study.root / "metrics")
    again = written(experiment, committed(experiment.runs, study.root))
    kept = [run.checkpoints.set_index("epoch") for run in read.by_variant["vgg16"]]
    third = np.mean([rows.loc[3, "val_accuracy"] for rows in kept])
    sixth = np.mean([rows.loc[6, "val_f1_macro"] for rows in kept])
    for one in (found, again):
        early, late, missing = reference_table(one.referred[0].numbers).rows
        assert early[1].text == "val accuracy, epoch 3"
        assert early[3].key == pytest.approx(third, abs=1e-6)
        assert late[3].key == pytest.approx(sixth, abs=1e-6)
        assert early[3].note == ""  # images would be half of an interval
        assert missing[3].note == "vgg16 kept no epoch 9"


def test_claims_read_as_sentences(study):
    _, found = judged(study, [claim for some in CLAIMS.values() for claim in some])
    said = [words(one.claim) for one in found.claims]
    assert said[0] == "resnet18 is better than vgg16 in test accuracy"
    assert said[2] == "vgg16 is the worst in val F1 macro, against resnet18 and resnet18-gn"
    assert said[4] == "resnet18 and resnet18-gn are equal in test accuracy, within 0.2"
    assert said[5] == "vgg16 has test accuracy of at most 0.9"


def test_seconds_of_unlike_machines_are_not_judged(study):
    claim = {"better": "resnet18", "than": "vgg16", "on": "peak_memory_mb"}
    _, found = judged(study, [claim])
    assert found.claims[0].verdict == "supported"
    path = study.root / "costs/train/resnet18-0.json"
    known = json.loads(path.read_text())
    path.write_text(json.dumps(known | {"machine": known["machine"] | {"name": "Another"}}))
    experiment = params.read(study.root / "params.yaml")
    [one] = findings(experiment, results.read(experiment.runs, study.root)).claims
    assert (one.verdict, one.missing) == ("undecided", "runs were timed on unlike machines")


def test_what_is_exact_has_no_p_and_no_number_lies_outside_its_bounds(study):
    claims = [
        {"better": "resnet18", "than": "vgg16", "on": "parameters"},
        {"at_least": 0.5, "of": "resnet18", "on": "test.precision_macro"},
    ]
    study.sizes["test"] = 30
    _, found = judged(study, claims)
    exact, _ = claims_table(found.claims).rows
    assert exact[-1].text == "–"
    assert exact[2].text == "−123 M"
    assert found.claims[1].high <= 1


def test_a_setting_that_a_source_leaves_open_must_be_a_parameter(study):
    numbers = [{"of": "vgg16", "on": "val.accuracy", "value": 0.9}]
    reference = {"source": "A paper", "numbers": numbers, "unstated": ["split.seed", "train.lrr"]}
    study.changes = {"report": {"reference": [reference]}}
    with pytest.raises(
        Fault,
        match=r"unstated: no parameter 'train.lrr'; did you mean train.lr\?.* or another of \d+$",
    ):
        study.write()


def test_a_claim_measures_the_costs_that_the_table_has(study):
    _, results_ = study.write()
    numbers = Numbers(results_, Measures(results_, 15), 0.5)
    table = cost_json(results_, 0.5)["variants"]
    for variant, known in table.items():
        for name in COSTS:
            mean = numbers(variant, name).estimate.mean
            assert mean == pytest.approx(known[name], rel=1e-2), name


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"of": "vgg61"}, "numbers.0.of: no variant"),
        ({"on": "val.acuracy"}, "no score 'acuracy'"),
        ({"value": 92}, "numbers.0.value: val.accuracy is a share from 0 to 1, got 92; divide"),
        ({"vaule": 0.92}, "reference.0.numbers.0.vaule: unknown key; did you mean value"),
        ({"on": "parameters", "value": 0}, "numbers.0.value: a cost above 0 is wanted, got 0"),
        ({"ours": "vgg16"}, "numbers.0: ours is vgg16, as of is; leave ours out"),
        ({"epoch": 10}, "numbers.0.epoch: 10 is not kept, as vgg16 keeps none; set its train.keep"),
        ({"epoch": 10, "of": "resnet18"}, "10 is not kept, as resnet18 keeps every 4 epochs"),
        ({"epoch": 0}, "numbers.0.epoch: 0 is not allowed; at least 1"),
        ({"epoch": 8, "on": "test.accuracy"}, "numbers.0: an epoch's number has of, no ours, and"),
        ({"epoch": 8, "of": "resnet18", "ours": "vgg16"}, "an epoch's number has of, no ours"),
        ({"epoch": 8, "of": "resnet18-gn"}, "resnet18-gn learns from validation, so no epoch is"),
        ({"of": None}, "numbers.0: of and ours are missing; name the variant"),
        ({"of": None, "ours": "vgg61"}, "numbers.0.ours: no variant"),
    ],
)
def test_a_published_number_of_nothing_is_refused_by_its_place(study, change, told):
    study.variants["resnet18"]["train"] = {"keep_every": 4}
    study.variants["resnet18-gn"]["train"] = {"keep_every": 4, "on": "train+val"}
    number = {"of": "vgg16", "on": "val.accuracy", "value": 0.9} | change
    study.changes = {"report": {"reference": [{"source": "A paper", "numbers": [number]}]}}
    with pytest.raises(Fault, match=told):
        study.write()


def test_what_a_variant_overrides_of_preprocess_is_its_setting(study):
    study.variants["vgg16"]["preprocess"] = {"normalise": "unit"}
    experiment, _ = study.write()
    normalise = {name: known["preprocess.normalise"] for name, known in experiment.settings.items()}
    assert normalise == {"vgg16": "unit", "resnet18": "dataset", "resnet18-gn": "dataset"}
    assert {key.partition(".")[0] for known in experiment.settings.values() for key in known} == {
        "data", "split", "preprocess", "evaluate", "model", "train", "augment",
    }  # fmt: skip
