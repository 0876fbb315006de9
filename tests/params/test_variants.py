"""Laws of resolving variants to plans."""

import copy

import pytest

from assay.fault import Fault
from assay.params.experiment import understand
from assay.params.like import over
from assay.params.variants import Plan


def plans(params):
    return understand(params, "params.yaml").plans


def test_a_variant_without_overrides_is_the_base(params):
    params["variants"] = {"empty": {}, "none": None}
    params["model"]["norm"] = "gn"
    params["preprocess"]["normalise"] = "unit"
    empty, none = plans(params).values()
    assert empty == none
    assert (empty.model.norm, empty.normalise, empty.train.lr) == ("gn", "unit", 0.1)


def test_an_override_at_depth_changes_one_value_and_keeps_its_neighbours(params):
    params["augment"] = {"rotate": 5, "affine": {"shear": 3, "translate": 0.1}}
    params["variants"] = {"base": {}, "net": {"augment": {"affine": {"shear": 9}}}}
    base, net = plans(params).values()
    assert net.augment.affine.shear == 9
    put_back = net.augment.affine.model_copy(update={"shear": 3.0})
    augment = net.augment.model_copy(update={"affine": put_back})
    assert net.model_copy(update={"augment": augment}) == base


def test_resolving_leaves_what_was_read_untouched(params):
    params["variants"] = {"net": {"model": {"norm": "gn"}, "preprocess": {"normalise": "unit"}}}
    before = copy.deepcopy(params)
    plans(params)
    assert params == before


def test_one_variant_does_not_see_the_overrides_of_another(params):
    alone = plans(params)["net"]
    params["variants"] = {"first": {"model": {"norm": "gn"}}, "net": {}, "last": None}
    assert plans(params)["net"] == alone


@pytest.mark.parametrize("overrides", [
    {"model": {"arch": "resnet18"}}, {"model": {"norm": "bn"}}, {"train": {"momentum": 0.9}},
    {"augment": {"affine": {"scale": [1.0, 1.0]}}}, {"preprocess": {"normalise": "dataset"}},
])  # fmt: skip
def test_plans_are_equal_where_all_that_they_resolve_to_is_equal(params, overrides):
    params["variants"] = {"base": {}, "same": overrides}
    base, same = plans(params).values()
    assert same.model_dump_json() == base.model_dump_json()


@pytest.mark.parametrize("overrides", [
    {"model": {"norm": "gn"}}, {"train": {"lr": 0.2}}, {"augment": {"pad_crop": 1}},
    {"preprocess": {"normalise": "unit"}},
])  # fmt: skip
def test_plans_differ_where_something_that_they_resolve_to_differs(params, overrides):
    params["variants"] = {"base": {}, "other": overrides}
    base, other = plans(params).values()
    assert other.model_dump_json() != base.model_dump_json()


@pytest.mark.parametrize(("section", "value"), [
    ("seeds", [7, 8]), ("report", {"title": "Another"}),
    ("split", {"train": 50, "val": 20, "test": 20}), ("evaluate", {"batch_size": 7}),
])  # fmt: skip
def test_a_plan_does_not_know_what_training_one_variant_does_not_need(params, section, value):
    before = plans(params)["net"]
    params[section] = value
    assert plans(params)["net"] == before


def test_a_plan_survives_json(params):
    params["augment"] = {"affine": {"scale": [0.9, 1.1]}}
    plan = plans(params)["net"]
    assert Plan.model_validate(plan.model_dump(mode="json")) == plan


def test_the_grid_is_every_variant_with_every_seed_in_the_order_of_the_file(params):
    params |= {"variants": {"z": {}, "a": {}}, "seeds": [5, 1]}
    runs = understand(params, "params.yaml").runs
    assert runs == [("z", 5), ("z", 1), ("a", 5), ("a", 1)]


def test_a_variant_like_another_is_that_one_but_for_what_it_says_itself(params):
    ours = {"train": {"lr": 0.2, "schedule": "cosine"}, "preprocess": {"normalise": "unit"}}
    params["variants"] = {
        "quicker": {"like": "deeper", "train": {"lr": 0.4}},  # of one further down
        "ours": ours,
        "deeper": {"like": "ours", "model": {"norm": "gn"}},
        "same": {"like": "ours"},
    }
    found = plans(params)
    assert list(found) == ["quicker", "ours", "deeper", "same"]
    assert found["same"] == found["ours"]
    params["variants"] = {
        "quicker": ours | {"train": {"lr": 0.4, "schedule": "cosine"}, "model": {"norm": "gn"}},
        "deeper": ours | {"model": {"norm": "gn"}},
    }
    for name, plan in plans(params).items():
        assert plan == found[name]


@pytest.mark.parametrize(("variants", "told"), [
    ({"a": {"like": "bb"}, "b": {}}, r"variants.a.like: no variant 'bb'; did you mean b\?"),
    ({"a": {"like": ["b"]}, "b": {}}, r"variants.a.like: no variant \['b'\]"),
    ({"a": {"like": "a"}}, "variants.a.like: a is like a itself; let one of them stand alone"),
    ({"a": {"like": "b"}, "b": {"like": "c"}, "c": {"like": "b"}}, "variants.c.like: b is like c"),
    ({"a": {"like": "b"}, "b": {"train": {"lr": "x"}}}, "variants.b.train.lr"),
    ({"a": {"like": "b"}, "b": {"train": 3}}, "variants.b.train: a group of keys is wanted"),
    ({"a": {"like": "b"}, "b": {"model": {"arch": "vgg16", "n": 3}}}, "variants.b.model.n: "),
    ({"a": {"lik": "b"}, "b": {}}, "variants.a.lik: unknown key; did you mean like"),
])  # fmt: skip
def test_a_mistake_about_likeness_is_told_of_the_variant_that_made_it(params, variants, told):
    params["variants"] = variants
    with pytest.raises(Fault, match=told):
        plans(params)


def test_a_list_is_replaced_as_a_whole_and_a_group_key_by_key():
    base = {"list": [1, 2], "group": {"a": 1, "b": 2}}
    assert over(base, {"list": [3]}) == {"list": [3], "group": {"a": 1, "b": 2}}
    assert over(base, {"group": {"b": 3}}) == {"list": [1, 2], "group": {"a": 1, "b": 3}}
