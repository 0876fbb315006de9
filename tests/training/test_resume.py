"""A training that is stopped anywhere goes on to the same bits."""

import hashlib
import io
import itertools
import os
import re
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from assay.data.packed import Packed
from assay.fault import Fault
from assay.files import seal
from assay.models import saved
from assay.training import resume
from assay.training.leftovers import FOLDER, KEPT, sweep
from assay.training.record import record
from assay.training.resume import checkpoint, digest
from assay.training.run import determined_by, train

EVERYTHING = {
    "optimiser": "adam",
    "schedule": "one_cycle",
    "accumulate": 2,
    "batch_size": 4,
    "ema": 0.9,
    "clip_norm": 1.0,
    "label_smoothing": 0.1,
    "epochs": 3,
}
ORIGIN = {"fit": "squash", "source_shape": None}
COUNT = itertools.count()
AUGMENT = {"pad_crop": 1, "rotate": 10.0, "mixup": 0.3}
pytestmark = pytest.mark.usefixtures("small_network")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)


def kept_train(plan, seed, packed, val, *, name="a-0", **words):
    """As the stage does it, and then DVC and the next stage."""
    done, result = ended_train(plan, seed, packed, val, name=name, **words)
    recorded(result)
    sweep()
    return done


def ended_train(plan, seed, packed, val, *, name="a-0", **words):
    """As the stage does it: with a result that DVC has not recorded yet."""
    result = Path(f"{next(COUNT)}.json")
    result.write_text(str(result))
    with checkpoint(name, determined_by(plan, seed, packed, val)) as kept:
        done = train(plan, seed, packed, val, kept=kept, **words)
        kept.ended(result)
    return done, result


def recorded(result):
    """As DVC does."""
    md5 = hashlib.md5(result.read_bytes(), usedforsecurity=False).hexdigest()
    Path("dvc.lock").write_text(f"stages:\n  train@a-0:\n    outs:\n    - md5: {md5}\n")


def files():
    return sorted(path.name for path in Path(FOLDER).iterdir())


def stop_after(steps):
    """Tells from the given step on that the run is to stop."""
    count = itertools.count(1)
    return lambda: next(count) >= steps


def same(one, other):
    assert one.network.state_dict().keys() == other.network.state_dict().keys()
    for name, value in one.network.state_dict().items():
        assert value.equal(other.network.state_dict()[name]), name
    for name, value in one.best.items():
        assert value.equal(other.best[name]), name
    assert one.best_epoch == other.best_epoch
    assert [epoch[:6] for epoch in one.epochs] == [epoch[:6] for epoch in other.epochs]
    assert one.depths == other.depths


@pytest.mark.parametrize("steps", range(1, 10))
def test_a_run_that_is_interrupted_after_any_step_ends_as_if_it_had_not_been(plan, toy, steps):
    to, data = plan("bin", AUGMENT, **EVERYTHING), (toy(26), toy(9, seed=1))
    whole = train(to, 3, *data)
    heard, seen = [], []
    with pytest.raises(KeyboardInterrupt, match="goes on from there"):
        kept_train(to, 3, *data, name="a-3", interrupted=stop_after(steps), on_step=seen.append)
    assert len(seen) == steps
    torch.manual_seed(5)
    resumed = kept_train(
        to, 3, *data, name="a-3", on_resume=lambda *at: heard.append(at), on_step=seen.append
    )
    assert len(seen) == 9
    [(epochs, images)] = heard
    assert len(epochs) * 24 + images == 8 * steps
    same(resumed, whole)
    assert files() == []


def test_a_run_can_be_interrupted_again_and_again(plan, toy):
    to, data = plan("bn", AUGMENT, **EVERYTHING), (toy(26), toy(9, seed=1))
    whole = train(to, 0, *data)
    for _ in range(8):
        with pytest.raises(KeyboardInterrupt):
            kept_train(to, 0, *data, name="a-0", interrupted=stop_after(1))
    same(kept_train(to, 0, *data, name="a-0"), whole)


@pytest.mark.parametrize("again", ["here", "in a copy"])
def test_what_dvc_has_not_recorded_goes_on_from_its_last_checkpoint(
    plan, toy, tmp_path, monkeypatch, again
):
    to, data = plan(epochs=3, keep_every=1), (toy(24), toy(6, seed=1))
    whole, unrecorded = ended_train(to, 0, *data)
    sweep()
    if again == "in a copy":
        Path("copy").mkdir()
        monkeypatch.setenv("DVC_ROOT", str(tmp_path))
        monkeypatch.chdir("copy")
    folder, heard = tmp_path / FOLDER, []

    def recorded_only_now(epochs, images):
        recorded(tmp_path / unrecorded)
        sweep()
        heard.extend(folder.glob("a-0-*/state.pt"))

    resumed, result = ended_train(to, 0, *data, on_resume=recorded_only_now)
    same(resumed, whole)
    assert len(heard) == 1
    sweep()
    assert len(list(folder.glob("a-0-*/epoch-*"))) == 3
    recorded(result)
    sweep()
    assert list(folder.iterdir()) == []


def test_what_dvc_has_recorded_is_trained_anew(plan, toy):
    """As by `dvc repro --force`."""
    recorded(ended_train(plan(), 0, toy(24), toy(6))[1])
    heard = []
    ended_train(plan(), 0, toy(24), toy(6), on_resume=lambda *at: heard.append(at))
    assert heard == []


def test_every_so_many_epochs_the_weights_are_kept(plan, toy):
    to, data = plan(epochs=5, keep_every=2), (toy(24), toy(6, seed=1))
    with pytest.raises(KeyboardInterrupt):
        kept_train(to, 0, *data, interrupted=stop_after(8))  # 3 steps an epoch
    with checkpoint("a-0", determined_by(to, 0, *data)) as kept:
        train(to, 0, *data, kept=kept)
        found = {file.name: load_file(file) for file in kept.epochs}
    assert list(found) == ["epoch-002.safetensors", "epoch-004.safetensors"]
    for name, epochs in zip(found, (2, 4), strict=True):
        short = train(plan(epochs=epochs), 0, *data).network.state_dict()
        assert all(value.equal(found[name][key]) for key, value in short.items())


def test_epochs_that_were_kept_after_the_state_are_forgotten(plan, toy):
    """Where a step does not repeat itself to the bit, the course may end before them."""
    to, data = plan(epochs=5, keep_every=2), (toy(24), toy(6, seed=1))
    with pytest.raises(KeyboardInterrupt):
        kept_train(to, 0, *data, interrupted=stop_after(8))  # in epoch 3
    with checkpoint("a-0", determined_by(to, 0, *data)) as kept:
        kept.keep(4, {"of": torch.zeros(1)})
        with pytest.raises(KeyboardInterrupt):
            train(to, 0, *data, kept=kept, interrupted=stop_after(1))
        assert [file.name for file in kept.epochs] == ["epoch-002.safetensors"]


def test_with_a_class_more_a_training_begins_anew(plan, toy):
    to, data = plan(epochs=2), (toy(24), toy(6, seed=1))
    with pytest.raises(KeyboardInterrupt):
        kept_train(to, 0, *data, interrupted=stop_after(2))
    more = {"classes": [*data[0].meta["classes"], "spare"]}
    data = [one._replace(meta=one.meta | more) for one in data]
    heard = []
    done = kept_train(to, 0, *data, on_resume=lambda *at: heard.append(at))
    assert heard == []
    same(done, train(to, 0, *data))


@pytest.mark.parametrize("at", [".assay", FOLDER, "lock"])
def test_epochs_are_kept_where_no_checkpoint_can_be(plan, toy, at, capsys):
    to, packed, val = plan(epochs=5, keep_every=2), toy(24), toy(6, seed=1)
    known = determined_by(to, 0, packed, val)
    if at == "lock":
        Path(FOLDER, f"a-0-{digest(known)[:32]}.lock").mkdir(parents=True)
    else:
        Path(at).parent.mkdir(exist_ok=True)
        Path(at).write_text("mine")
    Path("models/a-0").mkdir(parents=True)
    Path("models/a-0/epoch-003.safetensors").write_text("of a run before")
    with checkpoint("a-0", known) as kept:
        done = train(to, 0, packed, val, kept=kept)
        record("a-0", to, 0, done, meta=packed.meta | ORIGIN, kept=kept, revision="none")
        kept.ended(Path("costs/train/a-0.json"))
    assert capsys.readouterr().err.count("no checkpoint can be written") == 1
    told = saved.load(Path("models/a-0"))
    assert set(told.epochs) == {"last", "best", "epoch-002", "epoch-004"}
    for name in ("epoch-002", "epoch-004"):
        short = train(plan(epochs=told.epochs[name]), 0, packed, val).network.state_dict()
        found = load_file(f"models/a-0/{name}.safetensors")
        assert all(value.equal(found[key]) for key, value in short.items())


def test_streamed_images_go_on_too(plan, toy, tmp_path, monkeypatch):
    import numpy as np

    from assay.data import order

    monkeypatch.setattr(order, "BLOCK", 3 * 36)  # three images
    monkeypatch.setattr(order, "WINDOW", 9 * 36)

    def mapped(packed: Packed, name: str) -> Packed:
        np.save(tmp_path / name, packed.images)
        return packed._replace(images=np.load(tmp_path / name, mmap_mode="c"))

    data = mapped(toy(50), "train.npy"), toy(9, seed=1)
    to = plan("bn", AUGMENT, **EVERYTHING | {"resident_gb": 0.0, "epochs": 1})
    whole = train(to, 0, *data)
    for steps in range(1, 7):
        with pytest.raises(KeyboardInterrupt):
            kept_train(to, 0, *data, name="a-0", interrupted=stop_after(steps))
        same(kept_train(to, 0, *data, name="a-0"), whole)


@pytest.mark.parametrize("change", ["lr", "seed", "data", "val", "norm", "threads", "name", "code"])
def test_another_run_does_not_take_the_state_up(plan, toy, change, monkeypatch):
    def data(hash="a"):
        packed = toy(24)
        return packed._replace(meta=packed.meta | {"hash": hash})

    given = [plan(), 0, data(), data()]
    with pytest.raises(KeyboardInterrupt):
        kept_train(*given, name="a-0", interrupted=stop_after(1))
    kept = files()
    other = {
        "lr": [plan(lr=0.02), *given[1:]],
        "seed": [plan(), 1, *given[2:]],
        "data": [plan(), 0, data("b"), data()],
        "val": [plan(), 0, data(), data("b")],
        "norm": [plan("gn"), *given[1:]],
        "threads": [plan(threads=2), *given[1:]],
    }
    if change == "code":
        source = Path(resume.__file__).parents[1] / "fault.py"
        read = Path.read_bytes
        monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b"#" * (path == source))
    name = "b-0" if change == "name" else "a-0"
    heard = []
    kept_train(*other.get(change, given), name=name, on_resume=lambda *at: heard.append(at))
    assert heard == []
    assert files() == kept


def test_the_same_run_takes_it_up_in_another_folder_of_the_repository(
    plan, toy, tmp_path, monkeypatch
):
    """As a copy of it under .dvc/tmp is."""
    copy = tmp_path / "copy"
    copy.mkdir()
    with pytest.raises(KeyboardInterrupt):
        kept_train(plan(), 0, toy(24), toy(6), name="a-0", interrupted=stop_after(2))
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.chdir(copy)
    heard = []
    kept_train(plan(), 0, toy(24), toy(6), name="a-0", on_resume=lambda *at: heard.append(at))
    assert len(heard) == 1


def half(content):
    return content[: len(content) // 2]


def one_bit(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def another(content):
    torch.save({"epochs": []}, file := io.BytesIO())
    return file.getvalue()


@pytest.mark.parametrize("damage", [lambda content: b"", half, one_bit, another])
def test_a_damaged_checkpoint_is_none(plan, toy, damage):
    with pytest.raises(KeyboardInterrupt):
        kept_train(plan(), 0, toy(24), toy(6), name="a-0", interrupted=stop_after(2))
    [file] = Path(FOLDER).glob("*/state.pt")
    file.write_bytes(damage(file.read_bytes()))
    same(kept_train(plan(), 0, toy(24), toy(6), name="a-0"), train(plan(), 0, toy(24), toy(6)))
    assert files() == []


def test_a_loss_that_is_not_finite_leaves_no_checkpoint(plan, toy):
    with pytest.raises(Fault, match="learning rate"):
        kept_train(plan("none", lr=1e38), 0, toy(24), toy(6), name="a-0")
    assert files() == []


def test_a_disk_that_is_full_as_an_epoch_is_kept_costs_no_checkpoint(plan, toy, monkeypatch):
    def full(*words):
        raise Fault("No space left on device")

    monkeypatch.setattr(resume, "save_weights", full)
    with pytest.raises(Fault, match="No space"):
        kept_train(plan(keep_every=1), 0, toy(24), toy(6), name="a-0")
    (folder,) = (Path(FOLDER, name) for name in files())
    assert (folder / "state.pt").exists()


def test_the_seconds_before_an_interruption_count(plan, toy):
    data = toy(24), toy(6)
    with pytest.raises(KeyboardInterrupt):
        kept_train(plan(), 0, *data, interrupted=stop_after(2))
    [file] = Path(FOLDER).glob("*/state.pt")
    state = torch.load(file)
    assert state["running"]["seconds"] > 0
    state["running"]["seconds"] = 1000.0
    torch.save(state, file)
    seal(file)
    resumed = kept_train(plan(), 0, *data)
    assert resumed.epochs[0].train_seconds > 1000 > resumed.epochs[1].train_seconds


def test_two_at_once_do_not_share_it(plan, toy):
    whole = train(plan(), 0, toy(24), toy(6))
    inner = []

    def beside(images):
        if not inner:
            inner.append(None)
            inner.append(kept_train(plan(), 0, toy(24), toy(6), name="a-0"))

    outer = kept_train(plan(), 0, toy(24), toy(6), name="a-0", on_step=beside)
    same(inner[1], whole)
    assert outer.epochs[0].epoch == 1
    assert files() == []


def test_a_disk_that_is_full_costs_a_warning_and_no_result(plan, toy, monkeypatch, capsys):
    def full(*words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    same(kept_train(plan(), 0, toy(24), toy(6), name="a-0"), train(plan(), 0, toy(24), toy(6)))
    said = capsys.readouterr().err
    where = re.escape(str(Path(FOLDER).resolve()))
    assert re.fullmatch(
        rf"warning: {where}/a-0-\w+: no checkpoint can be written \(No space left on device\); "
        r"free some space there, .*\n",
        said,
    )
    assert files() == []


@pytest.mark.parametrize("at", [".assay", FOLDER])
def test_a_file_in_the_place_of_the_folder_costs_a_warning_and_no_result(plan, toy, at, capsys):
    Path(at).parent.mkdir(exist_ok=True)
    Path(at).write_text("mine")
    same(kept_train(plan(), 0, toy(24), toy(6), name="a-0"), train(plan(), 0, toy(24), toy(6)))
    assert "no checkpoint can be written" in capsys.readouterr().err
    assert Path(at).read_text() == "mine"


def test_what_another_process_sweeps_up_first_is_no_loss(monkeypatch):
    Path(FOLDER).mkdir(parents=True)
    (Path(FOLDER) / "gone.lock").symlink_to("nowhere")
    with checkpoint("a-0", {}) as kept:
        assert kept.read() is None


def test_writing_takes_its_share_of_the_time_and_no_more(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def save(state, path):
        Path(path).write_bytes(b"1")
        now[0] += 2.0

    monkeypatch.setattr(torch, "save", save)
    written = []
    with checkpoint("a-0", {}) as kept:
        for _ in range(1000):
            now[0] += 1.0
            kept.write(lambda: written.append(now[0]) or {})
    assert written[:2] == [1.0, 1.0 + 2.0 + 2.0 * resume.SHARE]
    assert 2 * len(written) <= now[0] / resume.SHARE + 2


def test_what_nobody_went_on_from_is_swept_up():
    for name, age in [("old", KEPT + 60), ("new", 60)]:
        folder = Path(FOLDER, name)
        folder.mkdir(parents=True)
        (folder / "state.pt").write_bytes(b"")
        os.utime(folder, (time.time() - age,) * 2)
    with checkpoint("a-0", {}):
        pass
    assert files() == ["new"]


def test_the_digest_tells_every_value_apart():
    assert digest({"a": 1}) == digest({"a": 1})
    assert len({digest(one) for one in ({"a": 1}, {"a": 2}, {"b": 1}, {"a": "1"})}) == 4
