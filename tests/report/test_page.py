"""The report: complete, honest in its warnings, the same bytes each time, safe with any name."""

import html.parser
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from statistics import fmean

import pytest

from assay.report import figures
from assay.report.content import content
from assay.report.findings import findings
from assay.report.markdown import markdown, pictures, pipes, plain
from assay.report.page import alone
from assay.report.page import html as page
from assay.report.story import headline, visible
from assay.report.tables import number, short, shortened, signed, table, word

NASTY = [
    "<script>alert(1)</script>",
    "say \"hi\", 'you' & co",
    "🦋",
    "X" * 200,
    "a|b*c\nd",
    "{{ 7 }}",
]


def told(study):
    experiment, found = study.write()
    worked = findings(experiment, found)
    return experiment, worked


class Page(html.parser.HTMLParser):
    """Collects open tags, links and text; fails on tags that close what is not open."""

    EMPTY = frozenset({"meta", "link", "rect", "path", "use", "line", "br", "img"})

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links, self.ids, self.words = [], [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for key, value in attrs if key in {"src", "href"}]
        self.ids += [value for key, value in attrs if key == "id"]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["script"]):
            self.words += data


def test_the_page_is_well_formed_and_reaches_for_nothing_outside(study):
    seen = Page(page(*told(study)))
    assert seen.open == []
    assert all(link.startswith(("#", "data:")) for link in seen.links)
    assert len(set(seen.ids)) == len(seen.ids)
    assert {link[1:] for link in seen.links if link.startswith("#")} <= set(seen.ids)


def test_the_same_runs_give_the_same_bytes(study):
    experiment, worked = told(study)
    again = told(study)
    assert page(experiment, worked) == page(*again)
    assert markdown(experiment, worked) == markdown(*again)


def test_no_class_name_breaks_out_of_the_page(study):
    study.classes = NASTY
    study.right = dict.fromkeys(study.variants, 0.4)
    seen = Page(page(*told(study)))
    assert seen.open == []
    assert seen.tags.count("script") == 1
    assert all(name in seen.words for name in NASTY)


def test_no_class_name_breaks_a_markdown_table(study):
    study.classes = NASTY
    study.right = dict.fromkeys(study.variants, 0.4)
    text = markdown(*told(study))
    assert "<script" not in text
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        bars = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(bars) == 1


def test_the_title_is_escaped_in_both_reports(study):
    study.changes = {"report": {"title": "<b>Birds</b> & *more*"}}
    given = told(study)
    assert "<b>Birds" not in page(*given)
    assert "<b>" not in markdown(*given)


def test_a_clean_study_bears_no_warning(study):
    experiment, worked = told(study)
    worked.results.data["duplicates"] |= {"across_splits": 0}
    assert 'class="warning"' not in page(experiment, worked)
    assert "Beware" not in markdown(experiment, worked)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"limit": 700}, "A subset"),
        ({"seeds": [3]}, "from images alone"),
        ({"weights": "best"}, "validation flatters them"),
        (
            {"weights": "epoch-006", "changes": {"train": {"epochs": 9}}},
            "weights of epoch 6, not the last",
        ),
        ({"seeds": [0]}, "200 to choose by"),
        ({}, "1 group of equal images lies in more than one split"),
    ],
)
def test_what_weakens_the_numbers_is_said_in_both_reports(study, changes, words):
    for name, value in changes.items():
        setattr(study, name, value)
    given = told(study)
    assert words in Page(page(*given)).words
    assert words in markdown(*given)


def test_runs_that_know_no_more_than_the_commonest_class_are_named_in_both_reports(study):
    study.right = {"vgg16": 0.1, "resnet18": 0.25}
    given = told(study)
    counts = given[1].results.data["per_class"]
    counts["3"] = counts["3"] | {"val": 30}
    for words in (Page(page(*given)).words, markdown(*given).replace("&#39;", "'")):
        for split in (
            "validation than its commonest class, '3' (0.1429",
            "test than its commonest class, '0' (0.1000",
        ):
            assert (
                f"Not shown to know more of {split} of the images): vgg16-0 and vgg16-1."
            ) in words
        assert words.count("Not shown to know more") == 2


def test_what_the_experiment_says_to_beware_of_is_said_first_in_both_reports(study):
    study.changes = {"report": {"beware": ["Timed beside <other> work."]}}
    given = told(study)
    assert "Timed beside <other> work." in Page(page(*given)).words
    assert markdown(*given).split("**Beware:** ")[1].startswith("Timed beside &lt;other&gt; work.")


@pytest.mark.parametrize("final", [False, True])
def test_whoever_has_no_validation_was_neither_chosen_by_it_nor_late_to_an_accuracy(study, final):
    study.weights = "best"
    to = {"train": {"on": "train+val"}} if final else {}
    study.variants = {name: words | to for name, words in study.variants.items()}
    given = told(study)
    words = Page(page(*given)).words
    assert ("validation flatters" in words) != final
    cells = [row[-1].text for row in content(*given)["costs"].rows]
    assert ("–" in cells) == final
    assert ("500 to train on and 200 for the last word" in words) == final
    assert "than others" not in words


def test_a_subset_for_validation_is_named_under_the_curves(study):
    assert "fixed subset" not in page(*told(study))
    study.changes = {"train": {"val_images": 123}}
    assert "fixed subset of 123 images" in page(*told(study))
    study.changes = {"train": {"val_images": 200}}  # all of them
    assert "fixed subset" not in page(*told(study))


def test_the_weights_of_the_last_epoch_are_the_last(study):
    study.weights, study.changes = "epoch-006", {"train": {"epochs": 6}}
    assert "not the last" not in page(*told(study))


def test_who_learns_from_validation_may_know_test_images_by_their_doubles_there(study):
    study.variants["vgg16"]["train"] = {"on": "train+val"}
    experiment, found = told(study)
    words = "whose double is in validation counts as known to vgg16 too"
    assert words in markdown(experiment, found)
    found.results.data["duplicates"]["across_splits"] = 0
    assert words not in markdown(experiment, found)


def test_every_variant_and_every_class_is_in_the_page(study):
    study.classes = [f"class {number}" for number in range(10)]
    words = Page(page(*told(study))).words
    assert all(variant in words for variant in study.variants)
    assert all(name in words for name in study.classes)


def test_every_class_and_every_score_has_its_mean_over_seeds(study):
    study.classes = ["moth", "wasp", "fly"]
    experiment, found = told(study)
    tables, runs = content(experiment, found), found.results.by_variant[found.shown]
    kinds = ("precision", "recall", "f1")
    for row in tables["per_class"].rows:
        ours = [run.splits["test"]["per_class"][row[0].text] for run in runs]
        means = [fmean(one[kind] for one in ours) for kind in kinds]
        assert [cell.text for cell in row[2:]] == [f"{mean:.4f}" for mean in means]
        assert len({cell.text for cell in row[2:]}) == 3
    for split, told_ in tables["every_score"].items():
        of_split = [found.scores[variant][split] for variant in told_.columns[1:]]
        for row, name in zip(told_.rows, of_split[0], strict=True):
            means = [f"{one[name].mean:.4f}" for one in of_split]
            assert [cell.text.split(" ± ")[0] for cell in row[1:]] == means


@pytest.mark.parametrize("gone", [["val"], ["test"], ["val", "test"], ["unlabelled"]])
def test_a_study_without_some_splits_is_told_all_the_same(study, gone):
    for split in gone:
        study.sizes[split] = 0
    given = told(study)
    seen = Page(page(*given))
    assert seen.open == []
    assert ("so none is chosen" in seen.words) == ("val" in gone)
    assert ("so none is chosen" in markdown(*given)) == ("val" in gone)


@pytest.mark.parametrize("variants", [1, 30])
def test_one_variant_or_thirty_are_told(study, variants):
    study.variants = {f"net-{i}": {"train": {"lr": 0.001 * (i + 1)}} for i in range(variants)}
    study.sizes = {"train": 40, "val": 30, "test": 30, "unlabelled": 3}
    seen = Page(page(*told(study)))
    assert seen.open == []
    assert "net-0" in seen.words


def test_figures_are_svg_in_the_pages_own_colours_with_text_as_text(study):
    _, worked = told(study)
    drawn = [*figures.curves(worked.results), figures.accuracies(worked, "test")]
    for one in drawn:
        ET.fromstring(one.svg)
        assert not re.findall(r"#0a0b[0-9a-f]{2}", one.svg)
        assert "var(--c0)" in one.svg
        assert one.title in one.svg
    assert len({one.svg for one in drawn}) == len(drawn) == 5


@pytest.mark.parametrize(("classes", "numbers"), [(20, True), (21, False), (100, False)])
def test_counts_are_written_into_at_most_twenty_classes(study, classes, numbers):
    study.classes = [f"class {i}" for i in range(classes)]
    assert ('class="count"' in page(*told(study))) == numbers


def test_a_table_in_markdown_sets_numbers_to_the_right():
    text = pipes(table(["a", "b"], [[word("x|y", strong=True), number(0.5)]]))
    assert text == "| a | b |\n| --- | ---: |\n| **x\\|y** | 0.5000 |"


def test_plain_text_survives_markdown():
    assert plain("a_b <i>\n| `c`") == r"a\_b &lt;i&gt; \| \`c\`"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (134_301_514, "134 M"),
        (11_170_000, "11.2 M"),
        (999_900, "1.00 M"),
        (12, "12"),
        (2e9, "2.00 G"),
    ],
)
def test_big_numbers_keep_three_digits(value, text):
    assert short(value) == text


def test_a_long_name_loses_its_middle_and_keeps_both_ends():
    name = "resnet18-with-a-very-long-name-42"
    assert len(shortened(name, 20)) == 20
    assert shortened(name, 20).startswith("resnet18")
    assert shortened(name, 20).endswith("-42")


@pytest.mark.parametrize(
    ("others", "words"), [(0.9, "leads on validation, undecided"), (0.3, "wins on validation;")]
)
def test_the_headline_claims_no_win_that_the_comparison_leaves_open(study, others, words):
    study.seeds = [0, 1, 2]
    study.right = {"vgg16": 0.9, "resnet18": others, "resnet18-gn": others}
    experiment, found = told(study)
    assert words in re.search("<h1>(.*?)</h1>", page(experiment, found))[1]


def test_without_a_rival_on_validation_nobody_wins(study):
    study.variants = {"net": {}, "net-all": {"train": {"on": "train+val"}}}
    experiment, found = told(study)
    accuracy = found.scores["net"]["val"]["accuracy"].mean
    assert headline(found) == f"net alone has a validation score: {accuracy:.4f}"
    assert "winner is chosen" not in page(experiment, found) + markdown(experiment, found)


def test_a_difference_of_nothing_has_no_minus():
    assert [signed(value) for value in (-0.0, -1e-9, -0.00006)] == ["+0.0000", "+0.0000", "−0.0001"]


def test_the_pictures_of_the_markdown_are_files_of_their_own_that_it_names(study):
    experiment, worked = told(study)
    drawn, text = pictures(experiment, worked), markdown(experiment, worked)
    assert set(re.findall(r"\(figures/([a-z0-9-]+)\.svg\)", text)) == {*drawn}
    assert {*drawn} == {"accuracy", "costs", "grid-1"}
    for figure in drawn.values():
        file = alone(figure)
        assert ET.fromstring(file).tag == "{http://www.w3.org/2000/svg}svg"
        used = set(re.findall(r"var\(--([a-z0-9]+)\)", file))
        assert used <= set(re.findall(r"--([a-z0-9]+):", file))
        assert "prefers-color-scheme: dark" in file


def test_without_a_second_variant_no_picture_of_costs_is_named(study):
    study.variants = {"vgg16": study.variants["vgg16"]}
    experiment, worked = told(study)
    assert {*pictures(experiment, worked)} == {"accuracy"}
    assert "figures/costs.svg" not in markdown(experiment, worked)


@pytest.mark.parametrize("validated", [0, 200])
def test_alone_a_variant_is_told_by_its_test_and_not_as_a_winner(study, validated):
    study.variants, study.sizes["val"] = {"vgg16": study.variants["vgg16"]}, validated
    experiment, worked = told(study)
    accuracy = worked.scores["vgg16"]["test"]["accuracy"].mean
    assert headline(worked) == f"vgg16 reaches {accuracy:.4f} on test"
    page = markdown(experiment, worked)
    assert "winner" not in page
    assert "to choose by" not in page


def test_no_variant_wins_as_long_as_any_other_may_be_better(study):
    """The second is steadily behind, the third wildly: one seed of it is the best of all."""
    study.seeds = [0, 1, 2]
    _, worked = told(study)
    winner, second, third = worked.ranking
    pairs = worked.differences["val"]

    def headed(*undecided):
        for place, pair in enumerate(pairs):
            better = "a is better" if pair.a == winner else "b is better"
            open_yet = winner in {pair.a, pair.b} and {pair.a, pair.b} & {*undecided}
            pairs[place] = replace(pair, verdict="undecided" if open_yet else better)
        return headline(worked)

    assert "wins on validation;" in headed()
    assert "leads on validation, undecided" in headed(third)
    assert "leads on validation, undecided" in headed(second)


def test_no_difference_below_what_can_be_seen_is_decided(study):
    study.seeds, study.right = [0, 1, 2], {"vgg16": 0.8, "resnet18": 0.83, "resnet18-gn": 0.97}
    for split in ("train", "val", "test"):
        study.sizes[split] = 2000
    _, worked = told(study)
    pairs = [pair for some in worked.differences.values() for pair in some]
    decided = [pair for pair in pairs if pair.verdict != "undecided"]
    assert decided
    assert all(abs(pair.difference) >= pair.visible for pair in decided)
    words = visible(worked)
    assert words.startswith("With 3 seeds and these images, differences under 0.")
    assert " of validation accuracy and 0." in words
    assert words.endswith(" of test accuracy (by pair) cannot be seen.")
