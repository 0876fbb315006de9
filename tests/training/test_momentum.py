"""The page on momentum: its curves are those of three trainings, its numbers those measured."""

import re
import runpy

import pandas as pd
import pytest
import torch
from torch.testing import assert_close

from assay.norms import NORMS, Settings
from assay.training.run import train

MOMENTA = (0.997, 0.1, 0.003)


@pytest.fixture(scope="module")
def script():
    return runpy.run_path("benchmarks/momentum.py")


@pytest.mark.parametrize("norm", ["bn", "bn_torch"])
def test_statistics_kept_beside_one_training_are_those_of_a_training_for_each_momentum(
    script, small_network, toy, plan, norm
):
    def with_momentum(momentum):
        given = plan(norm=norm, schedule="one_cycle")
        model = given.model.model_copy(update={"norm_momentum": momentum})
        return given.model_copy(update={"model": model})

    found = script["curves"](with_momentum(1.0), 0, toy(25), toy(19, seed=1), MOMENTA)
    alone = [train(with_momentum(m), 0, toy(25), toy(19, seed=1)).epochs for m in MOMENTA]
    ends = found[found["epoch"] % 1 == 0]
    for momentum, epochs in zip(MOMENTA, alone, strict=True):
        assert ends[str(momentum)].tolist() == [epoch.val_accuracy for epoch in epochs]


@pytest.mark.parametrize("norm", ["bn", "bn_torch"])
def test_a_copy_moves_as_the_running_statistics_of_its_momentum_do(script, pixels, norm):
    last = NORMS[norm](3, Settings(momentum=1.0))
    kept = script["Kept"](last, MOMENTA)
    alone = {momentum: NORMS[norm](3, Settings(momentum=momentum)) for momentum in MOMENTA}
    for batch in torch.from_numpy(pixels(5, 4, 3, 6, 6)).float():
        last(batch)
        kept.follow()
        for momentum, own in alone.items():
            own(batch)
            kept.load(momentum)
            assert_close(last.running_mean, own.running_mean)
            assert_close(last.running_var, own.running_var)


def test_the_page_on_momentum_quotes_what_was_measured(script):
    rows = pd.read_csv(script["CSV"], dtype=str)
    text = script["PAGE"].read_text()
    assert script["page"](text, pd.read_csv(script["CSV"])) == text
    assert f"({script['PICTURE'].name})" in text
    assert script["PICTURE"].exists()
    assert set(re.findall(r"\b0\.\d{4}\b", text)) <= set(rows.to_numpy().ravel())
