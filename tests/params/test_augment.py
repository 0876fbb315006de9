"""Laws of the section `augment`."""

import pytest

from assay.params.augment import Augment, Erase, ResizedCrop
from assay.params.experiment import understand


def test_everything_is_off_by_default(params):
    augment = understand(params, "params.yaml").augment
    assert augment == Augment()
    assert not any((augment.hflip, augment.resized_crop, augment.erase, augment.mixes))


@pytest.mark.parametrize("off", [None, False, "off", "no"])
def test_a_group_is_off_by_any_word_for_it_and_on_where_it_is_given(params, off):
    params["augment"] = {"erase": off, "resized_crop": off}
    params["variants"]["on"] = {"augment": {"erase": {}, "resized_crop": {"scale": [0.5, 1]}}}
    params["variants"]["part"] = {"augment": {"erase": {"probability": 0.1}}}
    plans = understand(params, "params.yaml").plans
    assert plans["net"].augment == Augment()
    assert plans["on"].augment.erase == Erase()
    assert plans["on"].augment.resized_crop == ResizedCrop(scale=(0.5, 1.0))
    assert plans["part"].augment == Augment(erase=Erase(probability=0.1))


@pytest.mark.parametrize("off", [None, "off"])
def test_a_variant_can_switch_off_what_the_others_do(params, off):
    params["augment"] = {"erase": {"probability": 0.1}, "mixup": 0.2}
    params["variants"]["plain"] = {"augment": {"erase": off, "mixup": 0}}
    plans = understand(params, "params.yaml").plans
    assert plans["plain"].augment == Augment()
    assert plans["net"].augment.erase is not None


def test_a_plan_is_read_back_as_it_was_written(params):
    params["augment"] = {"erase": {"scale": [0.1, 0.2]}, "resized_crop": {}, "cutmix": 1}
    augment = understand(params, "params.yaml").plans["net"].augment
    assert Augment.model_validate(augment.model_dump(mode="json")) == augment


@pytest.mark.parametrize("on", [True, "on", "yes"])
def test_a_group_that_is_switched_on_has_its_defaults(params, on):
    params["augment"] = {"erase": on}
    found = understand(params, "params.yaml").plans["net"].augment
    assert found.erase == Erase()
