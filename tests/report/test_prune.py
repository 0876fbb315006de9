"""Pruning removes runs that no plan names, and nothing else."""

import pytest

from assay.report.prune import FOLDERS, prune


@pytest.fixture
def tree(tmp_path):
    for folder in FOLDERS:
        for name in ("vgg16-0.json", "old-0.json", "vgg16-7.csv", "winner.csv", ".gitignore"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).write_text("")
    for name in ("vgg16-0", "old-0", "Notes-0", "old"):
        (tmp_path / "models" / name).mkdir()
        (tmp_path / "models" / name / "weights").write_text("")
    return tmp_path


def test_runs_outside_the_grid_go_and_all_else_stays(tree):
    removed = prune([("vgg16", 0)], tree)
    assert {path.name for path in removed} == {"old-0.json", "vgg16-7.csv", "old-0"}
    for folder in FOLDERS:
        left = {path.name for path in (tree / folder).iterdir() if path.is_file()}
        assert left == {"vgg16-0.json", "winner.csv", ".gitignore"}
    assert {p.name for p in (tree / "models").iterdir() if p.is_dir()} == {
        "vgg16-0", "Notes-0", "old",
    }  # fmt: skip


def test_pruning_again_or_where_there_is_nothing_removes_nothing(tree, tmp_path):
    prune([("vgg16", 0)], tree)
    assert prune([("vgg16", 0)], tree) == []
    assert prune([("vgg16", 0)], tmp_path / "nowhere") == []


def test_a_variant_whose_name_ends_like_a_seed_is_told_apart(tree):
    (tree / "curves/net-1-0.csv").write_text("")
    (tree / "curves/net-1.csv").write_text("")
    prune([("net-1", 0)], tree)
    assert (tree / "curves/net-1-0.csv").exists()
    assert not (tree / "curves/net-1.csv").exists()


def test_what_a_link_points_to_stays(tree, tmp_path):
    kept = tmp_path / "cache"
    kept.mkdir()
    (tree / "models/gone-3").symlink_to(kept)
    prune([("vgg16", 0)], tree)
    assert kept.exists()
    assert not (tree / "models/gone-3").is_symlink()
