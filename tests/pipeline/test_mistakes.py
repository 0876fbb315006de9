"""What a user gets wrong ends in one line and exit code 1, and loses nothing."""

import pytest


def spoil(repository, key: str, value) -> None:
    params = repository.params()
    *sections, name = key.split(".")
    inner = params
    for section in sections:
        inner = inner.setdefault(section, {})
    inner[name] = value
    repository.write_params(params)


def only_line(done) -> str:
    """The one line of an error, from all that DVC prints around it."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode != 0
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("model.nrom", "gn", "model.nrom: unknown key; did you mean norm?"),
        ("model.norm", "gm", "model.norm: 'gm' is not known; did you mean gn?"),
        ("model.norm", False, "model.norm: false is not known; none?"),
        ("train.lr", "fast", "train.lr: a number is wanted, got 'fast'"),
        ("variants.pinned.model.groups", 5, "groups: 5 does not divide 64 channels"),
        ("model.arch", "vgg16", "vgg16 needs images of at least 32 pixels a side"),
        ("data.labelled", "absent.csv", "data.labelled: there is no file data/raw/absent.csv"),
        ("data.path", "data/raw/shapes.csv", "is a file, and pixel_csv wants its folder; write"),
        ("split.train", 0.5, "split: train 0.5, val 16, test 16"),
        ("train.accumulate", 6, "train.accumulate: 6 times train.batch_size 8 is larger than"),
    ],
)
def test_a_mistake_in_the_parameters_ends_in_plan(repository, key, value, told):
    spoil(repository, key, value)
    done = repository.call("dvc", "repro")
    assert told in only_line(done)
    assert "Running stage 'plan'" in done.stdout
    assert "Running stage 'ingest'" not in done.stdout


def test_a_wrong_pixel_is_named_and_the_last_results_come_back(repository):
    file = repository.folder / "data/raw/shapes.csv"
    rows = file.read_text().splitlines()
    cells = rows[3].rsplit(",", 1)
    file.write_text("\n".join([*rows[:3], f"{cells[0]},300", *rows[4:]]) + "\n")
    before = repository.outputs("HEAD")
    line = only_line(repository.call("dvc", "repro"))
    assert "data/raw/shapes.csv: row 3, column 'pixel63': '300' is not a pixel value" in line
    way_back = line.split("(its last good outputs: ")[1].rstrip(")").split("; ")
    for command in way_back:
        repository.succeed(*command.split())
    repository.succeed("git", "checkout", "-q", "data")
    assert repository.outputs() == before
    assert repository.repro().stages == set()


def test_a_loss_that_is_not_finite_records_nothing(repository):
    spoil(repository, "train.lr", 1e30)
    line = only_line(repository.call("dvc", "repro", "train@plain-0"))
    assert "the loss is" in line
    assert "learning rate 1e+30" in line
    assert not (repository.folder / "models/plain-0").exists()
    assert repository.call("git", "diff", "--quiet", "metrics").returncode == 0


def test_a_batch_larger_than_the_training_split_is_refused(repository):
    spoil(repository, "train.batch_size", 41)
    line = only_line(repository.call("dvc", "repro"))
    assert "train.batch_size: 41 is larger than the training split (40 images)" in line


def test_a_device_that_is_not_there_is_refused_with_the_choices(repository):
    import torch

    missing = "mps" if torch.cuda.is_available() else "cuda"
    spoil(repository, "train.device", missing)
    line = only_line(repository.call("dvc", "repro", "train@plain-0"))
    assert f"train.device: there is no {missing} here; choose auto" in line
