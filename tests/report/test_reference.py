"""Published numbers beside ours."""

import re

import numpy as np
import pytest

from assay.fault import Fault
from assay.report.findings import findings, write, written
from assay.report.markdown import markdown
from assay.report.page import html
from assay.report.reference import reference_table
from assay.report.results import committed


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
    rows = reference_table(one).rows
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
    told = reference_table(again.referred[0]).rows[2]
    assert [cell.text for cell in told] == [cell.text for cell in rows[2]]
    page, text = html(experiment, found), markdown(experiment, found)
    assert "averages &lt;weighted&gt;" in page
    assert "A paper &amp; more" in page
    assert "## Beside A paper" in text


@pytest.mark.parametrize("key", ["source", "incomparable"])
def test_words_that_are_blank_are_refused(study, key):
    number = {"of": "vgg16", "on": "val.accuracy", "value": 0.9}
    reference = {"source": "A paper", "numbers": [number], key: " \n"}
    study.changes = {"report": {"reference": [reference]}}
    with pytest.raises(Fault, match=rf"report.reference.0.{key}: "):
        study.write()


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
        early, late, missing = reference_table(one.referred[0]).rows
        assert early[1].text == "val accuracy, epoch 3"
        assert early[3].key == pytest.approx(third, abs=1e-6)
        assert late[3].key == pytest.approx(sixth, abs=1e-6)
        assert early[3].note == ""  # images would be half of an interval
        assert missing[3].note == "vgg16 kept no epoch 9"


def test_what_is_not_comparable_has_no_difference_and_says_why(study):
    numbers = [
        {"of": "vgg16", "on": "test.accuracy", "value": 0.9651},
        {"of": "vgg16", "ours": "resnet18", "on": "val.accuracy", "value": 0.97},
    ]
    reference = {"source": "A paper", "incomparable": "<fish>, not birds", "numbers": numbers}
    study.changes = {"report": {"reference": [reference]}}
    experiment, results = study.write()
    found = findings(experiment, results)
    write(found, study.root / "metrics")
    for told in (found, written(experiment, committed(experiment.runs, study.root))):
        shown = reference_table(told.referred[0])
        assert shown.columns == ("variant", "number", "published", "ours", "our recipe")
        ours = [found.scores[name]["val"]["accuracy"].mean for name in ("vgg16", "resnet18")]
        assert [cell.text for cell in shown.rows[1][2:]] == [
            "0.9700", *(f"{one:.4f}" for one in ours),
        ]  # fmt: skip
    assert "<strong>Not comparable:</strong> &lt;fish&gt;, not birds." in html(experiment, found)
    assert "**Not comparable:** &lt;fish&gt;, not birds." in markdown(experiment, found)


def test_a_setting_that_a_source_leaves_open_must_be_a_parameter(study):
    numbers = [{"of": "vgg16", "on": "val.accuracy", "value": 0.9}]
    reference = {"source": "A paper", "numbers": numbers, "unstated": ["split.seed", "train.lrr"]}
    study.changes = {"report": {"reference": [reference]}}
    with pytest.raises(
        Fault,
        match=r"unstated: no parameter 'train.lrr'; did you mean train.lr\?.* or another of \d+$",
    ):
        study.write()


def test_a_setting_that_some_variants_have_switched_off_is_told_of_each(study):
    study.variants["vgg16"]["augment"] = {"erase": {"probability": 0.5}}
    numbers = [{"of": name, "on": "val.accuracy", "value": 0.9} for name in ("vgg16", "resnet18")]
    unstated = ["augment.erase", "augment.erase.probability"]
    reference = {"source": "A paper", "numbers": numbers, "unstated": unstated}
    study.changes = {"report": {"reference": [reference]}}
    whole, part = findings(*study.write()).referred[0].unstated
    assert re.fullmatch(
        r"augment\.erase: probability 0\.5, scale .*, ratio .* \(vgg16\), None \(resnet18\)", whole
    )
    assert part == "augment.erase.probability: 0.5 (vgg16), – (resnet18)"


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
