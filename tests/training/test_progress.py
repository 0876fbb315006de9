"""Laws of what is told while a run goes on."""

from assay.training.epoch import Epoch
from assay.training.progress import Progress


def epoch(number, val=0.75):
    loss = None if val is None else 0.5
    return Epoch(number, 0.1, 1.25, 0.625, loss, val, train_seconds=2.0, val_seconds=1.0)


def told(capsys, epochs, steps, **words):
    with Progress("vgg16-0", epochs, 100) as progress:
        for number in range(1, epochs + 1):
            for images in steps:
                progress.step(images)
            progress.epoch(epoch(number, **words))
    return capsys.readouterr()


def test_a_log_gets_one_plain_line_an_epoch(capsys):
    out, err = told(capsys, 3, [40, 40])
    assert out == ""
    assert "\r" not in err
    assert "\x1b" not in err
    lines = err.splitlines()
    assert [line.split("  ")[:2] for line in lines] == [
        ["vgg16-0", f"epoch {number}/3"] for number in (1, 2, 3)
    ]
    assert all("train loss 1.2500 accuracy 0.6250" in line for line in lines)
    assert all("val loss 0.5000 accuracy 0.7500" in line for line in lines)


def test_images_a_second_are_those_trained_on_in_that_epoch(capsys):
    lines = told(capsys, 2, [40, 40]).err.splitlines()
    assert all("  40 images/s" in line for line in lines)


def test_the_time_left_is_that_of_the_epochs_left(capsys):
    lines = told(capsys, 22, [100]).err.splitlines()
    assert lines[0].endswith("1:03 left")
    assert lines[-1].endswith("0:00 left")


def test_what_compiles_says_so_before_and_how_long_it_took_after(capsys):
    with Progress("vgg16-0", 1, 100) as progress:
        progress.starts("default")
        progress.ready(31.2)
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "vgg16-0  compiles (default) before the first step",
        "vgg16-0  ready after 31 s",
    ]
    with Progress("vgg16-0", 1, 100) as progress:
        progress.starts("none")
        progress.ready(0.2)
    assert capsys.readouterr().err == ""


def test_without_validation_none_is_told(capsys):
    assert "val" not in told(capsys, 1, [100], val=None).err


def test_a_resumed_run_says_where_it_goes_on_and_counts_what_was_done(capsys):
    with Progress("vgg16-0", 22, 100) as progress:
        progress.resumed([epoch(1), epoch(2)], 40)
        progress.step(60)
        progress.epoch(epoch(3))
    first, second = capsys.readouterr().err.splitlines()
    assert first == "vgg16-0  goes on in epoch 3/22, after 40 images"
    assert "  50 images/s" in second  # 100 in 2 s, of which 40 were before
    assert second.endswith("0:57 left")
