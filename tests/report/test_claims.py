"""Claims of params.yaml, judged by a study's files."""

import json
import re

import pytest

from assay.evaluation.compare import holm
from assay.fault import Fault
from assay.params import experiment as params
from assay.params.quantities import COSTS, is_timed
from assay.report import results
from assay.report.claims import claims_table, words
from assay.report.cost import cost_json
from assay.report.findings import findings, write, written
from assay.report.kept_claims import claims_from
from assay.report.markdown import markdown
from assay.report.measures import Measures
from assay.report.numbers import Numbers
from assay.report.page import html
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
    write(found, study.root / "metrics")
    metrics = [study.root / f"metrics/{name}.json" for name in ("comparison", "cost")]
    compared, cost = (json.loads(path.read_text()) for path in metrics)
    kept = claims_from(compared["claims"], cost["claims"])
    assert [one.verdict for one in kept] == [one.verdict for one in found.claims]
    assert compared["claims"][0].items() >= claims[0].items()
    page, text = html(experiment, found), markdown(experiment, found)
    part = text[text.index("## Claims") :]
    for one in found.claims:
        assert words(one.claim) in page
        [row] = [line for line in part.splitlines() if line.startswith(f"| {words(one.claim)} |")]
        assert f" {one.verdict} " in row.replace("**", "")
    assert f"did not reach {experiment.report.time_to_accuracy:g} with every seed" in page


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
    assert [(one.claim, one.verdict, one.missing) for one in again.claims] == [
        (one.claim, one.verdict, one.missing) for one in found.claims
    ]
    assert claims_table(again.claims).rows[0][-1].text == "a <b> & c"
    one, two = (re.split(r"(\d+\.\d+)", markdown(experiment, each)) for each in (found, again))
    assert one[::2] == two[::2]  # the words
    for first, second in zip(one[1::2], two[1::2], strict=True):  # rounded once, and twice
        unit = 10.0 ** -len(first.partition(".")[2])
        assert abs(float(first) - float(second)) < 1.01 * unit


@pytest.mark.parametrize(("number", "fewer"), [(1, True), (6, False), (7, False)])
def test_that_claims_are_fewer_than_the_pairs_is_said_where_it_is_so(study, number, fewer):
    claims = [claim for some in CLAIMS.values() for claim in some]
    experiment, found = judged(study, claims[:number])  # 4 variants: 6 pairs
    for report in (html(experiment, found), markdown(experiment, found)):
        assert ("They are fewer than the pairs above" in report) is fewer


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


def test_a_repeat_that_takes_longer_changes_the_costs_and_nothing_else(study):
    claims = [claim for some in CLAIMS.values() for claim in some]
    claims += [
        {"better": "resnet18", "than": "vgg16", "on": "seconds_per_epoch"},
        {"at_most": 5000, "of": "vgg16", "on": "peak_memory_mb"},
    ]
    numbers = [
        {"of": "vgg16", "on": on, "value": 1} for on in ("test.accuracy", "training_seconds")
    ]
    judged(study, claims)
    study.changes["report"]["reference"] = [{"source": "a paper", "numbers": numbers}]
    kept = []
    for pace in (1.0, 40.0):
        experiment, found = study.write()
        for run in found.runs:
            path = study.root / f"costs/train/{run.name}.json"
            cost = json.loads(path.read_text())
            cost["epoch_seconds"] = [pace * seconds for seconds in cost["epoch_seconds"]]
            path.write_text(json.dumps(cost | {"peak_memory_bytes": int(pace * 1e9) + run.seed}))
        worked = findings(experiment, results.read(experiment.runs, study.root))
        write(worked, study.root / "metrics")
        again = written(experiment, committed(experiment.runs, study.root))
        assert [one.verdict for one in again.claims] == [one.verdict for one in worked.claims]
        assert again.referred[0].numbers[1].of.mean == pytest.approx(12.5 * pace, rel=1e-3)
        files = (study.root / "metrics").glob("*.json")
        kept.append({file.name: file.read_text() for file in files})
    assert {name for name, text in kept[0].items() if text != kept[1][name]} == {"cost.json"}


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


def test_a_claim_measures_the_costs_that_the_table_has(study):
    _, results_ = study.write()
    numbers = Numbers(results_, Measures(results_, 15), 0.5)
    table = cost_json(results_, 0.5)["variants"]
    for variant, known in table.items():
        for name in COSTS:
            mean = numbers(variant, name).estimate.mean
            assert mean == pytest.approx(known[name], rel=1e-2), name


def test_what_is_corrected_is_corrected_for_all_that_is_compared_together(study):
    _, found = judged(study, [claim for some in CLAIMS.values() for claim in some])
    for pairs in found.differences.values():
        assert [one.p_holm for one in pairs] == pytest.approx(holm([one.p for one in pairs]))
        assert any(one.p_holm > one.p for one in pairs)
    claims = [one for one in found.claims if not one.missing and not is_timed(one.claim.on)]
    assert [one.p_holm for one in claims] == pytest.approx(holm([one.p for one in claims]))
    assert any(one.p_holm > one.p for one in claims)


def test_who_wants_to_be_surer_has_wider_intervals_of_everything(study):
    claims = [{"better": "resnet18", "than": "vgg16", "on": "test.f1_macro"}]
    numbers = [{"of": "vgg16", "on": "test.accuracy", "value": 0.9}]
    judged(study, claims)
    widths = []
    for confidence in (0.8, 0.99):
        report = {"confidence": confidence, "reference": [{"source": "a", "numbers": numbers}]}
        study.changes["report"] |= report
        found = findings(*study.write())
        scores = [
            splits[s]["accuracy"] for splits in found.scores.values() for s in ("val", "test")
        ]
        every = [*scores, *found.differences["test"], *found.claims]
        every.append(found.referred[0].numbers[0].of)
        widths.append([one.high - one.low for one in every])
    assert all(one < other for one, other in zip(*widths, strict=True))


def test_one_seed_tells_nothing_of_how_timings_scatter(study):
    study.seeds = [0]
    claim = {"better": "resnet18", "than": "vgg16", "on": "training_seconds"}
    study.changes = {"report": {"claims": [claim]}}
    experiment, read = study.write()
    found = findings(experiment, read)
    write(found, study.root / "metrics")
    for one in (found, written(experiment, committed(experiment.runs, study.root))):
        [row] = claims_table(one.claims).rows
        assert [cell.text for cell in row[1:2] + row[3:]] == ["undecided", "–", "1.000"]
        for page in (html(experiment, one), markdown(experiment, one)):
            assert "One seed decides nothing but what is exact." in page
            assert "One seed decides no difference, however large." in page


def test_who_has_no_validation_reaches_no_accuracy_on_it(study):
    study.variants["vgg16"]["train"] = {"on": "train+val"}
    _, found = judged(study, [{"at_most": 9, "of": "vgg16", "on": "seconds_to_accuracy"}])
    assert found.claims[0].missing == "vgg16 has no validation to reach an accuracy on"


def test_what_a_variant_overrides_of_preprocess_is_its_setting(study):
    study.variants["vgg16"]["preprocess"] = {"normalise": "unit"}
    experiment, _ = study.write()
    normalise = {name: known["preprocess.normalise"] for name, known in experiment.settings.items()}
    assert normalise == {"vgg16": "unit", "resnet18": "dataset", "resnet18-gn": "dataset"}
    assert {key.partition(".")[0] for known in experiment.settings.values() for key in known} == {
        "data", "split", "preprocess", "evaluate", "model", "train", "augment",
    }  # fmt: skip
