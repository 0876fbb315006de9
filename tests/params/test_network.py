"""Networks that cannot be are refused in one line: the key, what was given, how to mend it."""

import pytest

from assay.params import network
from assay.params.experiment import understand
from assay.params.model import Model


def plan(params, **model):
    params["model"] |= model
    return understand(params, "params.yaml").plans["net"].model


@pytest.mark.parametrize(("arch", "layers"), [
    ("cifar_resnet", "6n+2"), ("cifar_preact_resnet", "9n+2"),
])  # fmt: skip
def test_a_depth_that_is_missing_is_asked_for(told, arch, layers):
    line = told({"variants.net.model.arch": arch})
    assert line == f"model.n: missing; {arch} has {layers} layers: set it to 1 or more"


def test_a_depth_for_a_network_that_has_its_own_is_told_with_the_network(told):
    line = told({"model.n": 3, "variants.net.model.arch": "vgg16"})
    assert line == (
        "model.n: 3 means nothing to vgg16 (variants.net.model.arch), only to cifar_resnet and "
        "cifar_preact_resnet; set variants.net.model.n to null"
    )


@pytest.mark.parametrize(("key", "given", "norm", "line"), [
    ("groups", 8, "bn", "only to gn; set variants.net.model.groups to null"),
    ("groups", 8, "none", "only to gn; set variants.net.model.groups to null"),
    ("norm_momentum", 0.01, "gn", "bn_torch; set variants.net.model.norm_momentum to 0.1"),
    ("norm_momentum", 0.01, "none", "; set variants.net.model.norm_momentum to 0.1"),
    ("norm_eps", 1e-3, "none", "set variants.net.model.norm_eps to 1e-05"),
])  # fmt: skip
def test_a_norms_parameter_for_a_norm_that_has_none_is_told_with_the_norm(
    told, key, given, norm, line
):
    found = told({f"model.{key}": given, "variants.net.model.norm": norm})
    assert found.startswith(f"model.{key}: {given:g} means nothing to {norm} ")
    assert "(variants.net.model.norm)" in found
    assert found.endswith(line)


def test_a_parameter_beside_the_norm_that_has_none_is_reset_where_it_stands(told):
    line = told({"model.norm": "bn", "model.groups": 8})
    assert line.endswith("(model.norm), only to gn; set it to null there")


@pytest.mark.parametrize("norm", ["bn", "bn_torch", "gn", "none"])
def test_defaults_are_taken_with_every_norm_so_that_norms_can_be_tried(params, norm):
    defaults = {
        key: Model.model_fields[key].default for key in ("groups", "norm_eps", "norm_momentum")
    }
    assert plan(params, norm=norm, **defaults).norm == norm


def test_groups_that_do_not_divide_are_told_with_those_that_do(told):
    line = "model.groups: 5 does not divide 64 channels; choose 1, 2, 4, 8, 16, 32 or 64"
    assert told({"model.norm": "gn", "model.groups": 5}) == line


def test_groups_are_told_at_the_variant_that_gives_them(told):
    line = told({"variants.net.model": {"norm": "gn", "groups": 5}})
    assert line.startswith("variants.net.model.groups: 5 does not divide")


def test_groups_of_the_base_are_told_at_the_base_though_a_variant_chose_gn(told):
    line = told({"model.groups": 5, "variants.net.model.norm": "gn"})
    assert line.startswith("model.groups: 5 does not divide")


@pytest.mark.parametrize("size", [31, [64, 31], [31, 64]])
def test_an_image_too_small_for_vgg_is_told_with_the_least_side(told, size):
    line = told({"variants.net.model.arch": "vgg16", "preprocess.size": size})
    assert line.startswith("variants.net.model.arch: vgg16 needs images of at least 32 pixels")


def test_an_image_of_one_pixel_is_enough_for_a_resnet(params):
    params["preprocess"]["size"] = 1
    assert understand(params, "params.yaml").preprocess.size == (1, 1)


@pytest.mark.parametrize(("arch", "fitting"), [
    ("cifar_resnet", "1, 2, 4, 8 or 16"), ("resnet50", "1, 2, 4, 8, 16, 32 or 64"),
])  # fmt: skip
def test_groups_must_divide_every_width_of_the_network(told, arch, fitting):
    line = told({"model": {"arch": arch, "n": 2 if "cifar" in arch else None, "norm": "gn"},
                 "model.groups": 128})  # fmt: skip
    assert line.endswith(f"choose {fitting}")


RESNETS = "resnet101, resnet152, resnet18, resnet34"
FOREIGN = [
    ("vgg16", "stem", "small", f"small means nothing to vgg16 (model.arch), only to {RESNETS} and"),
    ("vgg16", "shortcut", "pad", "only to cifar_preact_resnet, cifar_resnet, resnet101"),
    ("vgg16", "zero_init_residual", True, "true means nothing to vgg16"),
    ("cifar_resnet", "stem", "small", f"only to {RESNETS} and resnet50; remove it"),
    ("cifar_preact_resnet", "shortcut_norm", False, "false means nothing to cifar_preact_resnet"),
    ("resnet18", "dropout", 0.1, "only to vgg11, vgg11_lrn, vgg13, vgg16, vgg16_c and vgg19"),
]


def base(arch):
    return {"arch": arch, "n": 2 if arch.startswith("cifar") else None}


@pytest.mark.parametrize(("arch", "key", "value", "line"), FOREIGN)
def test_a_key_that_no_variants_network_has_is_told_with_the_networks_that_have_it(
    told, arch, key, value, line
):
    found = told({"model": base(arch) | {key: value}})
    assert found.startswith(f"model.{key}: ")
    assert line in found


@pytest.mark.parametrize(("arch", "key", "value", "line"), FOREIGN)
def test_a_variant_names_no_key_that_its_network_has_not_though_others_have_it(
    told, params, arch, key, value, line
):
    params["variants"]["vgg"] = {"model": {"arch": "vgg11"}}
    params["variants"]["other"] = {"model": {"arch": "resnet18"}}
    for given in (value, Model.model_fields[key].default):
        found = told({"variants.net": {"model": base(arch) | {key: given}}})
        assert found.startswith(f"variants.net.model.{key}: ")
        assert f"means nothing to {arch} (variants.net.model.arch), only to " in found


@pytest.mark.parametrize(("arch", "key", "value", "line"), FOREIGN)
def test_a_key_of_the_base_may_be_meant_for_one_variant_alone(params, arch, key, value, line):
    params["model"] = base(arch) | {key: value}
    user = "vgg11" if key == "dropout" else "resnet34"
    params["variants"]["user"] = {"model": {"arch": user, "n": None}}
    assert getattr(understand(params, "params.yaml").plans["user"].model, key) == value


@pytest.mark.parametrize("arch", ["vgg16", "resnet18", "cifar_preact_resnet"])
def test_defaults_of_other_networks_keys_are_never_in_the_way(params, arch):
    keys = {key for _, key, _, _ in FOREIGN}
    given = {key: Model.model_fields[key].default for key in keys}
    assert plan(params, **base(arch), **given).arch == arch


SINGLE = [("in", None), ("gn", 64)]


def refusal(norm, groups, size, **model):
    """What is said of a norm."""
    asked = Model(arch="resnet18").model_copy(update={"norm": norm, "groups": groups} | model)
    with pytest.raises(network.Fault) as fault:
        network.must_exist(asked, size, lambda key: f"params.yaml: {key}")
    return str(fault.value)


def accepted(norm, groups, size, **model):
    asked = Model(arch="resnet18").model_copy(update={"norm": norm, "groups": groups} | model)
    network.must_exist(asked, size, lambda key: key)


def test_norms_of_single_planes_refuse_planes_of_one_pixel_and_say_what_to_change():
    assert refusal("in", None, (32, 32)) == (
        "params.yaml: model.norm: in normalises single planes, and of 32x32 pixels resnet18 "
        "leaves planes of 1x1 (at 512 channels): nothing of an image would be left; take "
        "model.stem small, a preprocess.size over 32 or another norm"
    )


def test_groups_of_one_channel_are_single_planes_too():
    assert "1x1 (at 64 channels)" in refusal("gn", 64, (4, 4))
    accepted("gn", 32, (4, 4))


@pytest.mark.parametrize(("norm", "groups"), SINGLE)
@pytest.mark.parametrize("size", [(8, 9), (40, 2)])
def test_two_pixels_are_enough_on_either_side(norm, groups, size):
    accepted(norm, groups, size, stem="small")


@pytest.mark.parametrize(("norm", "size"), [("in", (8, 8)), ("gn", (1, 1))])
def test_a_stem_that_would_not_help_is_not_proposed(norm, size):
    groups = 64 if norm == "gn" else None
    assert "model.stem" not in refusal(norm, groups, size)


@pytest.mark.parametrize("norm", ["bn", "bin", "ln", "none"])
def test_other_norms_take_planes_of_one_pixel(norm):
    accepted(norm, None, (1, 1))


def test_every_vgg_takes_instance_norm_at_its_smallest_size():
    for arch in ("vgg11", "vgg16_c", "vgg19"):
        accepted("in", None, (32, 32), arch=arch)


@pytest.mark.parametrize(("given", "value"), [
    ("auto", "auto"), (True, True), (False, False), ("on", True), ("no", False),
])  # fmt: skip
def test_biases_are_left_to_the_network_or_switched(params, given, value):
    assert plan(params, conv_bias=given).conv_bias is value
