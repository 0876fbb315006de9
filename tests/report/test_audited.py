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
    ("missing", {"val": ["1", "2"]}, "2 classes without an image in val: its scores cannot tell"),
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


def test_of_a_subset_unlike_labels_are_told_of_all_images(data):
    data["duplicates"] |= {"groups": 2, "conflicting_labels": 2}
    [_, line] = audited.warnings(data | {"limit": 100})
    assert line.endswith("more than one label among all 1,500 images, the unused ones too.")


def test_a_few_doubles_in_a_large_set_are_no_crowd(data):
    data["images"]["labelled"] = 10_000
    data["near_duplicates"] |= {"groups": 1, "largest": 31}
    assert audited.warnings(data) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"near_within": None}, "split.near_duplicates is null"),
        ({}, "looked for nowhere: that takes sides of 64 pixels"),
    ],
)
def test_where_near_equal_images_were_not_looked_for_it_says_so(data, change, words):
    assert words in audited.findings(data | change)[1]


def test_of_how_many_images_near_equal_ones_were_looked_for_is_told(data):
    data["near_duplicates"]["compared"] = 1_000
    assert "looked for among 1,000 of the 1,530 images: that takes" in audited.findings(data)[1]


def test_both_reports_hold_the_findings_and_the_page_the_pictures(study):
    experiment, results = study.write()
    worked = findings(experiment, results)
    page, text = html(experiment, worked), markdown(experiment, worked)
    for line in audited.findings(results.data):
        assert f"<li>{line}</li>" in page
        assert f"- {line.split('(')[0]}" in text
    pictures = [image["src"] for group in results.examples for image in group["images"]]
    data = page.partition('id="data"')[2]
    assert data.count("<img ") == len(pictures) == 4
    assert all(f'src="{src}"' in page for src in pictures)
    assert "equal &lt;0&gt;.png" in page


def test_groups_with_two_labels_and_groups_in_two_splits_are_marked(study):
    experiment, results = study.write()
    worked = findings(experiment, results)
    results.examples[0] |= {"conflicting": True}
    page = html(experiment, worked)
    assert page.count('class="doubles conflicting"') == 1
    assert page.count('class="doubles across"') == 1


def test_images_of_many_sizes_and_kinds_are_told_as_ranges_and_counts(data):
    data["sizes"] = {
        "height": {"min": 48, "median": 100.5, "max": 200},
        "width": {"min": 64, "median": 120.0, "max": 3000},
        "distinct": 70,
        "channels": {"1": 30, "3": 1500},
    }
    assert audited.contents(data) == (
        "1,500 labelled and 30 unlabelled images, 30 grey and 1,500 in colour, 64 to 3000 pixels "
        "wide (median 120) and 48 to 200 high (median 100.5)."
    )


def test_what_was_left_out_is_counted_and_listed(data):
    data["images"]["skipped"], data["skipped"] = 2, ["a.jpg: damaged", "b.jpg: empty"]
    assert audited.findings(data)[-1] == "2 images were left out: a.jpg: damaged; b.jpg: empty."
    assert audited.warnings(data)[-1].startswith("2 images were left out (data.on_bad_image)")


def test_of_many_that_were_left_out_the_rest_is_counted_and_the_file_of_all_named(data):
    data["images"]["skipped"], data["skipped"] = 1022, [f"{n}.jpg: empty" for n in range(20)]
    told = audited.findings(data)[-1]
    assert told.startswith("1,022 images were left out: 0.jpg: empty; 1.jpg: empty; ")
    assert told.endswith(
        "; 19.jpg: empty; and 1,002 more, all of them in data/ingested/skipped.json."
    )


def test_of_many_classes_that_a_split_lacks_a_few_are_named(data):
    data["missing"]["val"] = [f"c{n}" for n in range(12)]
    told = "val has no image of c0, c1, c2, c3, c4, c5, c6, c7 and 4 more."
    assert told in audited.findings(data)
