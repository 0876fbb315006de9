"""Laws of the warning that a variant keeps its own value where the base value has changed."""

from assay.pins import kept

BEFORE = {
    "model": {"norm": "bn", "arch": "vgg16"},
    "augment": {"affine": {"shear": 0}},
    "variants": {"plain": {}, "pinned": {"model": {"norm": "none"}}},
}


def changed(**sections):
    return BEFORE | {name: BEFORE.get(name, {}) | values for name, values in sections.items()}


def test_nothing_is_told_where_nothing_changed():
    assert kept(BEFORE, BEFORE) == []


def test_a_variant_that_pins_the_changed_key_is_named_with_both_values():
    assert kept(BEFORE, changed(model={"norm": "gn"})) == [
        "model.norm is now gn; pinned pins none and keeps it"
    ]


def test_a_change_of_another_key_is_not_told():
    assert kept(BEFORE, changed(model={"arch": "resnet18"})) == []


def test_a_pin_at_the_new_value_is_not_told():
    assert kept(BEFORE, changed(model={"norm": "none"})) == []


def test_pins_are_found_at_every_depth():
    now = changed(augment={"affine": {"shear": 10}})
    now["variants"] = {"deep": {"augment": {"affine": {"shear": 5}}}}
    assert kept(BEFORE, now) == ["augment.affine.shear is now 10; deep pins 5 and keeps it"]


def test_what_a_variant_takes_over_from_another_pins_too():
    now = changed(model={"norm": "gn"})
    now["variants"] = {"pinned": {"model": {"norm": "none"}}, "heir": {"like": "pinned"}}
    assert [line.split(";")[1] for line in kept(BEFORE, now)] == [
        " pinned pins none and keeps it",
        " heir pins none and keeps it",
    ]


def test_each_pinning_variant_is_told_in_the_order_of_the_file():
    now = changed(model={"norm": "gn"})
    now["variants"] = {name: {"model": {"norm": "bn"}} for name in ("z", "a")}
    assert [line.split()[4] for line in kept(BEFORE, now)] == ["z", "a"]


def test_a_first_run_tells_nothing_since_there_was_no_value_before():
    assert kept({}, changed(model={"norm": "gn"})) == []


def test_a_variant_without_overrides_pins_nothing():
    assert kept(BEFORE, changed(model={"norm": "gn"}) | {"variants": {"plain": None}}) == []
