"""The page of all studies says what the metrics of each say, and nothing else."""

import copy
import json
import shutil

import pytest
import yaml

from assay.fault import Fault
from assay.report.findings import findings, write
from assay.report.tables import signed
from assay.studies.overview import BEGIN, END, overview, with_overview
from assay.studies.page import page
from assay.studies.study import studies

NUMBERS = [
    {"of": "vgg16", "ours": "resnet18", "on": "val.accuracy", "value": 0.9651},
    {"of": "vgg16", "ours": "resnet18", "on": "train.accuracy", "value": 0.97},
    {"of": "vgg16", "on": "val.f1_weighted", "value": 0.9},
    {"of": "vgg16", "on": "parameters", "value": 138e6, "note": "as the source quotes"},
]
CLAIMS = [
    {"better": "resnet18", "than": "vgg16", "on": "parameters"},
    {"at_least": 0.9999, "of": "vgg16", "on": "val.accuracy", "note": "Tried: <more> seeds."},
    {"at_most": 3, "of": "vgg16", "on": "parameters"},
    {"equal": ["vgg16", "resnet18"], "within": 1e-6, "on": "val.accuracy"},
    {"at_least": 0.1, "of": "vgg16", "on": "val.accuracy"},
]
REPORT = {
    "title": "Things | and <others>",
    "claims": CLAIMS,
    "reference": [{"source": "A paper", "numbers": NUMBERS, "differs": ["smaller images"]}],
}


@pytest.fixture
def birds(study):
    """A study that git knows: its parameters and its metrics, nothing that DVC keeps."""
    study.root = study.root / "studies/birds"
    study.changes = {"report": copy.deepcopy(REPORT)}
    experiment, results = study.write()
    write(findings(experiment, results), study.root / "metrics")
    for path in study.root.iterdir():
        if path.name not in {"metrics", "params.yaml"}:
            shutil.rmtree(path)
    return study.root


def test_a_study_stands_with_its_published_numbers_ours_seeds_time_and_device(birds):
    found = studies(birds.parent)[0].found
    [row] = overview(studies(birds.parent)).rows  # accuracies alone, of the last split
    ours = [found.scores[name]["val"]["accuracy"] for name in ("vgg16", "resnet18")]
    assert [cell.text for cell in row] == [
        "birds", "vgg16 → resnet18", "val accuracy", "0.9651",
        *(f"{one.mean:.4f}" for one in ours), signed(ours[1].mean - ours[0].mean),
        "2", "12 → 12", "Imaginary CPU (cpu, fp32)",
    ]  # fmt: skip
    assert [cell.note for cell in row[4:6]] == [f"{one.low:.4f} to {one.high:.4f}" for one in ours]
    [pair] = [one for one in found.differences["val"] if (one.a, one.b) == ("vgg16", "resnet18")]
    assert row[6].note == {"b is better": "better"}.get(pair.verdict, pair.verdict)


def test_the_page_tells_claims_limits_that_did_not_hold_and_what_differs(birds):
    text = page(studies(birds.parent))
    assert "Things \\| and &lt;others&gt;" in text
    assert "resnet18 is better than vgg16 in parameters | **supported**" in text
    assert "Not as there: smaller images." in text
    missed = text[text.index("Limits of birds that") :]
    assert missed.count("\n- ") == 2
    table = text[text.index("Claims of birds") :]
    for cost in ("vgg16 has parameters of at most 3", "vgg16 has val accuracy of at least 0.9999"):
        [row] = [line for line in table.splitlines() if line.startswith(f"| {cost}")]
        assert row.split(" | ")[2] in missed
    assert "at least 0.9999: undecided" in missed
    assert "Tried: &lt;more&gt; seeds." in missed


def test_every_variant_stands_with_its_accuracy_and_grids_with_their_pictures(birds):
    found = studies(birds.parent)[0].found
    text = page(studies(birds.parent))
    for name, scores in found.scores.items():
        named = f"**{name}**" if name == found.shown else name
        assert f"\n| {named} | {scores['val']['accuracy'].mean:.4f} ± " in text
    grid = "studies/birds/reports/figures/grid-1.svg"
    assert f"![validation accuracy by model.arch and model.norm]({grid})" in text


def test_a_study_whose_claims_or_published_numbers_were_changed_since_is_refused(birds):
    text = (birds / "params.yaml").read_text()
    for old, new, kind in (("0.9651", "0.9652", "reference"), ("0.9999", "0.9998", "claims")):
        (birds / "params.yaml").write_text(text.replace(old, new))
        with pytest.raises(Fault, match=rf"has (an)?other report\.{kind}\); make it anew"):
            page(studies(birds.parent))


def test_what_is_not_comparable_is_marked_and_stands_after_what_is(birds, study):
    study.changes["report"]["reference"][0]["incomparable"] = "fish, not birds"
    study.root = birds.with_name("aquarium")
    experiment, results = study.write()
    write(findings(experiment, results), study.root / "metrics")
    first, second = overview(studies(birds.parent)).rows
    assert [first[0].text, second[0].text] == ["birds", "aquarium"]
    assert (first[3].note, second[3].note) == ("", "not comparable")
    assert second[3].text == first[3].text == "0.9651"
    assert "**Not comparable:** fish, not birds." in page(studies(birds.parent))


def test_without_published_numbers_a_study_shows_its_winner(birds, study):
    study.changes, study.root = {}, birds.parent / "plain"
    experiment, results = study.write()
    found = findings(experiment, results)
    write(found, study.root / "metrics")
    [_, row] = overview(studies(birds.parent)).rows
    assert (row[0].text, row[1].text) == ("plain", found.shown)
    assert row[5].text == f"{found.scores[found.shown]['test']['accuracy'].mean:.4f}"


def test_what_was_not_measured_gains_nothing(birds, study):
    study.variants["resnet18"]["train"] = {"on": "train+val"}
    study.root = birds.with_name("fish")
    experiment, results = study.write()
    write(findings(experiment, results), study.root / "metrics")
    _, row = overview(studies(birds.parent)).rows
    assert row[4].text != "–"
    assert [row[5].text, row[5].note, row[6].text] == ["–", "resnet18 has no val.accuracy", "–"]


def test_another_level_than_the_usual_one_is_told(birds, study):
    assert "Intervals of this study" not in page(studies(birds.parent))
    study.changes["report"]["confidence"] = 0.9
    experiment, results = study.write()
    write(findings(experiment, results), birds / "metrics")
    assert "\nIntervals of this study are of 90%.\n" in page(studies(birds.parent))


def test_variants_may_change_places_after_the_run(birds):
    [before] = overview(studies(birds.parent)).rows
    given = yaml.safe_load((birds / "params.yaml").read_text())
    given["variants"] = dict(reversed(given["variants"].items()))
    (birds / "params.yaml").write_text(yaml.safe_dump(given, sort_keys=False))
    assert overview(studies(birds.parent)).rows == (before,)


def test_a_study_that_was_not_run_is_said_to_wait(birds):
    shutil.copytree(birds, birds.with_name("fish"))
    shutil.rmtree(birds.with_name("fish") / "metrics")
    text = page(studies(birds.parent))
    assert "Ready, and not run to their end yet: fish." in text
    assert "## fish" not in text


def test_a_subset_is_marked(birds, study):
    study.limit = 500
    study.write()
    experiment, results = study.write()
    write(findings(experiment, results), birds / "metrics")
    assert "| birds (a subset) |" in page(studies(birds.parent))
    assert "A subset, for a quick look: 700 of 1,500" in page(studies(birds.parent))


def test_folders_that_are_no_studies_are_refused(birds):
    shutil.copytree(birds, birds.with_name("<b> x"))
    with pytest.raises(Fault, match=r"studies/'<b> x': rename it"):
        studies(birds.parent)
    shutil.rmtree(birds.with_name("<b> x"))
    (birds / "params.yaml").unlink()
    with pytest.raises(Fault, match=r"birds/params.yaml"):
        studies(birds.parent)
    shutil.rmtree(birds)
    with pytest.raises(Fault, match=r"studies: no study there"):
        studies(birds.parent)


@pytest.mark.parametrize(
    ("file", "keys", "value"),
    [
        ("cost.json", ["machines"], [None]),
        ("cost.json", ["variants", "vgg16", "training_seconds"], None),
        ("scores.json", ["vgg16", "val", "accuracy", "mean"], "0.9"),
        ("scores.json", ["vgg16", "val", "accuracy", "n"], 3),
        ("comparison.json", ["claims", 0, "verdict"], 3),
        ("comparison.json", ["reference", 0, "measured", 1, "of"], "x"),
        ("comparison.json", ["confidence"], 0.9),
        ("scores.json", ["vgg16", "val"], "x"),
        ("data.json", ["splits", "val"], 199),
        ("data.json", [], None),
    ],
)
def test_metrics_that_no_report_writes_are_named(birds, file, keys, value):
    path = birds / "metrics" / file
    known = whole = [json.loads(path.read_text())]
    for key in (places := [0, *keys])[:-1]:
        known = known[key]
    known[places[-1]] = value
    path.write_text(json.dumps(whole[0]))
    with pytest.raises(Fault, match=r"birds/metrics"):
        page(studies(birds.parent))


@pytest.mark.parametrize("lost", ["scores", "comparison", "depths", "cost"])
def test_metrics_that_are_not_of_the_parameters_are_named(birds, lost):
    path = birds / f"metrics/{lost}.json"
    known = json.loads(path.read_text())
    path.write_text(json.dumps({"claims": 3} if lost == "comparison" else {**known, "vgg16": 1}))
    if lost == "cost":
        path.write_text("{}")
    with pytest.raises(Fault, match=r"birds/metrics: not what `report` makes of params\.yaml"):
        page(studies(birds.parent))
    path.unlink()
    if lost != "comparison":
        with pytest.raises(Fault, match=rf"birds/metrics/{lost}.json: missing"):
            page(studies(birds.parent))


def test_the_table_goes_between_its_marks_and_nowhere_else(birds):
    every = studies(birds.parent)
    text = f"before\n\n{BEGIN}\nold\n{END}\nafter\n"
    made = with_overview(text, every)
    assert made.startswith(f"before\n\n{BEGIN}\n| study |")
    assert made.endswith(f"|\n{END}\nafter\n")
    assert with_overview(made, every) == made
    for wrong in ("nothing", f"{END}\n{BEGIN}", text + END, BEGIN + text, text + text):
        with pytest.raises(Fault, match=r"README.md: .* are wanted, once each"):
            with_overview(wrong, every)
