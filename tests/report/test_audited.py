"""The audit in words: what is wrong with the data stands where readers see it, and only that."""

import pytest

from assay.report import audited
from assay.report.findings import findings
from assay.report.markdown import markdown
from assay.report.page import html


@pytest.fixture
def data(study):
    """The audit of data without any fault, of images large enough for perceptual hashes."""
    _, results = study.write()
    large = {"min": 64, "median": 64.0, "max": 64}
    results.data["duplicates"] |= {"groups": 0, "across_splits": 0}
    results.data["sizes"] |= {"height": large, "width": large}
    return results.data


FAULTS = [
    ("duplicates", {"groups": 2, "across_splits": 1}, "1 group of equal images lies in more than"),
    ("near_duplicates", {"groups": 2, "across_splits": 2}, "2 groups of near-equal images lie in"),
    ("duplicates", {"groups": 2, "conflicting_labels": 2}, "bear more than one label: no network"),
    ("near_duplicates", {"groups": 1, "conflicting_labels": 1}, "bears more than one label: the"),
    ("near_duplicates", {"groups": 1, "largest": 31}, "One group of near-equal images holds 31:"),
    ("missing", {"val": ["1", "2"]}, "2 classes without an image in val: its scores leave them"),
    ("missing", {"train": ["1"]}, "1 class without an image in train: no network can learn"),
    ("images", {"skipped": 3}, "3 images were left out (data.on_bad_image)"),
]


def test_data_without_fault_give_no_warning_and_say_what_was_looked_for(data):
    data["near_duplicates"]["compared"] = 1530
    assert audited.warnings(data) == []
    assert audited.findings(data) == ["No equal images.", "No near-equal images."]


@pytest.mark.parametrize(("key", "found", "words"), FAULTS)
def test_each_fault_of_the_data_is_one_warning(data, key, found, words):
    data[key] |= found
    (line,) = audited.warnings(data)
    assert words in line


def test_a_few_doubles_in_a_large_set_are_no_crowd(data):
    data["images"]["labelled"] = 10_000
    data["near_duplicates"] |= {"groups": 1, "largest": 31}
    assert audited.warnings(data) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"near_within": None}, "split.near_duplicates is null"),
        ({"sizes": {"height": {"max": 28}, "width": {"max": 28}}}, "takes sides of 64 pixels"),
    ],
)
def test_where_near_equal_images_were_not_looked_for_it_says_so(data, change, words):
    assert words in audited.findings(data | change)[1]


def test_both_reports_hold_the_findings_and_the_page_the_pictures(study):
    experiment, results = study.write()
    worked = findings(results, confidence=0.95, time_to_accuracy=0.95)
    page, text = html(experiment, worked), markdown(experiment, worked)
    for line in audited.findings(results.data):
        assert f"<li>{line}</li>" in page
        assert f"- {line.split('(')[0]}" in text
    pictures = [image["src"] for group in results.examples for image in group["images"]]
    assert page.count("<img ") == len(pictures) == 4
    assert all(f'src="{src}"' in page for src in pictures)
    assert "equal &lt;0&gt;.png" in page


def test_groups_with_two_labels_and_groups_in_two_splits_are_marked(study):
    experiment, results = study.write()
    worked = findings(results, confidence=0.95, time_to_accuracy=0.95)
    results.examples[0] |= {"conflicting": True}
    page = html(experiment, worked)
    assert page.count('class="doubles conflicting"') == 1
    assert page.count('class="doubles across"') == 1
