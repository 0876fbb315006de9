"""Which variants make a grid, and what it shows."""

import pytest

from assay.report.findings import findings
from assay.report.grids import grids, grids_of
from assay.report.page import html


def crossed(rows, columns):
    """A variant for each pair of overrides."""
    return {
        f"{row}-{column}": {"model": one["model"] | other.get("model", {}), **other.get("more", {})}
        for row, one in rows.items()
        for column, other in columns.items()
    }


NETWORKS = {
    "r": {"model": {"arch": "resnet18", "stem": "small"}},
    "v": {"model": {"arch": "vgg16"}},
}
INITS = {"k": {"model": {"init": "kaiming_normal"}}, "x": {"model": {"init": "xavier_uniform"}}}
BATCHES = {
    str(size): {"more": {"train": {"batch_size": size, "lr": size / 1000}}} for size in (8, 16, 32)
}

DIAGONAL = {
    f"v{n}": {"model": {"arch": "resnet18", "init": init}, "train": {"lr": lr}}
    for n, (init, lr) in enumerate(
        [("normal", 0.1), ("normal", 0.2), ("xavier_normal", 0.3), ("kaiming_normal", 0.1)]
    )
}


@pytest.mark.parametrize(
    ("columns", "key", "values"),
    [
        (INITS, "model.init", ["kaiming_normal", "xavier_uniform"]),
        (BATCHES, "train.batch_size", ["8", "16", "32"]),
    ],
)
def test_two_parameters_that_vary_make_a_grid_with_what_follows_from_them(
    study, columns, key, values
):
    study.variants = crossed(NETWORKS, columns)
    experiment, _ = study.write()
    [made] = grids_of(experiment.plans)
    assert (made.rows, made.columns) == ("model.arch", key)
    assert made.row_values == ["resnet18", "vgg16"]
    assert made.column_values == values
    assert list(made.variants.values()) == list(study.variants)


@pytest.mark.parametrize(
    ("variants", "holes"),
    [
        ({"a": {}}, None),
        ({"a": {}, "b": {"model": {"arch": "resnet18"}}}, None),
        ({"a": {}, "b": {"model": {"init": "normal"}}, "c": {"train": {"lr": 0.5}}}, 1),
        (crossed(NETWORKS, INITS) | {"more": {"train": {"lr": 0.5}}}, None),
        (crossed(NETWORKS, INITS) | {"again": {}}, None),
        (DIAGONAL, None),
    ],
)
def test_other_variants_make_none_or_one_with_holes(study, variants, holes):
    study.variants = variants
    experiment, results = study.write()
    for made in grids_of(experiment.plans):
        places = len(made.row_values) * len(made.column_values)
        assert places - len(made.variants) == holes
    assert bool(grids_of(experiment.plans)) == (holes is not None)
    assert "</html>" in html(experiment, findings(experiment, results))


def test_the_page_has_the_grid_and_the_trade_offs(study):
    study.variants = crossed(NETWORKS, INITS)
    experiment, results = study.write()
    page = html(experiment, findings(experiment, results))
    assert "validation accuracy by model.arch and model.init" in page
    assert "validation accuracy against seconds of training" in page


def test_of_three_parameters_the_one_with_the_fewest_values_has_a_grid_for_each(study):
    both = crossed(NETWORKS, INITS)
    study.variants = {
        f"{name}-{size}": over | {"train": {"batch_size": size}}
        for name, over in both.items()
        for size in (8, 16, 32)
    }
    experiment, results = study.write()
    made = grids_of(experiment.plans)
    assert [one.of for one in made] == ["model.arch: resnet18", "model.arch: vgg16"]
    assert sorted(name for one in made for name in one.variants.values()) == sorted(study.variants)
    for one in made:
        assert (one.rows, one.columns) == ("model.init", "train.batch_size")
        assert all(name.startswith(one.of[12]) for name in one.variants.values())
    drawn = grids(findings(experiment, results), experiment.plans)
    assert "model.arch: vgg16 by model.init" in drawn[1].title
