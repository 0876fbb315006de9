"""Scales by depth in the report: told as they are, drawn whatever they are."""

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from assay.report.depth import (
    mean_scale,
    summary_words,
    travel_table,
    travels,
    travels_from,
    travels_json,
)
from assay.report.depth_figures import DECADES, depth_figures


def results(study, **steps):
    """Variants named by the words, with five layers each."""
    study.variants = dict.fromkeys(steps)
    study.steps = steps
    return study.write()[1]


def heights(svg):
    """From each drawn line the y of its points, downwards from above; thick lines alone."""
    lines = re.findall(r'<path d="([^"]*)"[^>]*style="[^"]*stroke-width: 1.7', svg)
    return [[float(y) for y in re.findall(r"[ML] \S+ (\S+)", line)] for line in lines]


def test_the_words_tell_how_far_the_scales_travel_the_worst_first(study):
    words = summary_words(travels(results(study, calm=1.0, falling=0.1, rising=1e3)))
    assert words == (
        "rising: activations grow 1.0 × 10¹² times from the first layer to the last, "
        "gradients grow 1.0 × 10¹² times on the way back. "
        "falling: activations shrink 10,000 times from the first layer to the last, "
        "gradients shrink 10,000 times on the way back. "
        "Both scales change at most 1.1 times in calm."
    )


@pytest.mark.parametrize(("step", "change"), [(0.0, "vanish"), (np.inf, "overflow")])
def test_what_vanishes_or_overflows_is_said_and_drawn_at_an_edge(study, step, change):
    found = results(study, calm=1.0, broken=step)
    assert f"broken: activations {change} from" in summary_words(travels(found))
    for figure in depth_figures(found):
        ET.fromstring(figure.svg)
        flat, broken = heights(figure.svg)
        last = broken[-1] if "activation" in figure.title else broken[0]
        assert np.sign(last - flat[0]) == (1 if step == 0 else -1)


@pytest.mark.parametrize("value", [0.0, np.inf, np.nan])
def test_a_layer_that_breaks_in_the_middle_gets_a_triangle_and_overflows_unless_it_is_0(
    study, value
):
    found = results(study, calm=1.0, broken=1.0)
    whole = [figure.svg.count("<use ") for figure in depth_figures(found)]
    for run in found.by_variant["broken"]:
        run.depths.loc[2, ["activation", "gradient"]] = value
    words = summary_words(travels(found))
    assert ("broken: activations overflow from" in words) == (value != 0)
    assert "vanish" not in words  # a residual branch may start at 0: the rest arrives
    assert [figure.svg.count("<use ") for figure in depth_figures(found)] == [
        uses + 1 for uses in whole
    ]


def test_scales_that_are_0_from_end_to_end_vanish(study):
    found = results(study, calm=1.0, dead=1.0)
    for run in found.by_variant["dead"]:
        run.depths[["activation", "gradient"]] = 0.0
    words = summary_words(travels(found))
    assert "dead: activations vanish from" in words
    assert "gradients vanish on the way back" in words


def test_each_seed_is_a_thin_line_beside_a_thick_mean(study):
    study.seeds = [0, 1, 2]
    for figure in depth_figures(results(study, calm=1.0, rising=10.0)):
        assert figure.svg.count("stroke-width: 1.7") == 2
        assert figure.svg.count("stroke-width: 0.7") == 2 * 3


@pytest.mark.parametrize(("step", "words"), [
    (1.04 ** (1 / 4), "keep their scale"), (1.06 ** (1 / 4), "grow 1.1 times"),
    (1.04 ** (-1 / 4), "keep their scale"), (1.06 ** (-1 / 4), "shrink 1.1 times"),
])  # fmt: skip
def test_what_changes_by_less_than_a_twentieth_keeps_its_scale(study, step, words):
    assert travel_table(travels(results(study, one=step))).rows[0][2].text == words


def test_scales_at_the_end_of_what_floats_tell_are_drawn(study):
    found = results(study, tiny=1.0)
    for run in found.runs:
        run.depths.loc[0, ["activation", "gradient"]] = 1e-305
        run.depths.loc[4, ["activation", "gradient"]] = 1e305
    for figure in depth_figures(found):
        ET.fromstring(figure.svg)


def test_a_study_of_nothing_but_broken_networks_is_drawn(study):
    found = results(study, dead=0.0)
    for run in found.runs:
        run.depths[["activation", "gradient"]] = np.nan
    assert "overflow" in summary_words(travels(found))
    for figure in depth_figures(found):
        ET.fromstring(figure.svg)


def test_more_than_three_bad_variants_are_counted(study):
    words = summary_words(travels(results(study, a=0.1, b=0.1, c=0.1, d=0.1, e=0.1)))
    assert "2 more variants by more than 100 times: see the table." in words
    assert "at most" not in words


def test_the_mean_over_seeds_is_geometric_and_no_ratio_hangs_on_a_seeds_scale(study):
    study.seeds = [0, 3]
    found = results(study, falling=0.1)
    assert mean_scale(found.runs, "activation")[0] == pytest.approx(2.0)
    assert travels(found)["falling"] == pytest.approx((5, 1e-4, 1e-4))


def test_what_git_keeps_of_the_scales_says_the_same_of_what_vanishes_and_overflows_too(study):
    found = travels(results(study, rising=1e3, dead=0.0, broken=np.inf, calm=1.0))
    told = travels_json(found)
    again = travels_from(json.loads(json.dumps(told, allow_nan=False)))
    assert all(again[name] == pytest.approx(one, rel=1e-3) for name, one in found.items())


def test_the_table_sorts_by_the_change_and_has_a_row_a_variant(study):
    table = travel_table(travels(results(study, rising=10.0, dead=0.0, calm=1.0)))
    assert [row[1].text for row in table.rows] == ["5", "5", "5"]
    keys = {row[0].text: row[2].key for row in table.rows}
    assert sorted(keys, key=keys.get) == ["dead", "calm", "rising"]


def test_what_is_nearly_flat_looks_flat(study):
    figure = depth_figures(results(study, calm=1.05))[0]
    line = heights(figure.svg)[0]
    height = float(re.search(r'viewBox="0 0 \S+ (\S+)"', figure.svg)[1])
    assert max(line) - min(line) < height * np.log10(1.05**4) / DECADES
