"""Every mistake in the parameters is one line: the key, what was given, what is allowed."""

from typing import get_args

import pytest

from assay.fault import Fault
from assay.params.experiment import read, understand
from assay.params.model import Architecture, Initialisation, Norm
from assay.params.other_names import OTHER_NAMES

ARCHITECTURES = (
    "cifar_preact_resnet, cifar_resnet, resnet101, resnet152, resnet18, resnet34, resnet50, vgg11, "
    "vgg11_lrn, vgg13, vgg16, vgg16_c or vgg19"
)


def test_the_small_experiment_itself_is_right(params):
    assert understand(params, "params.yaml").runs == [("net", 0)]


@pytest.mark.parametrize(("key", "meant"), [
    ("modle", "model"),
    ("model.nrom", "norm"),
    ("augment.affine.sheer", "shear"),
    ("augment.erase.probabilty", "probability"),
    ("variants.net.modle", "model"),
    ("variants.net.model.nrom", "norm"),
    ("variants.net.augment.affine.sheer", "shear"),
])  # fmt: skip
def test_an_unknown_key_is_told_with_its_near_match_at_every_depth(told, key, meant):
    assert told({key: {}}).startswith(f"{key}: unknown key; did you mean {meant}? choose ")


def test_an_unknown_key_is_told_before_the_key_that_is_missing_in_its_place(told, params):
    params["train"]["epoch"] = params["train"].pop("epochs")
    assert told({}).startswith("train.epoch: unknown key; did you mean epochs?")


@pytest.mark.parametrize("key", ["train.lr", "model.arch", "data", "seeds", "variants"])
def test_a_missing_key_is_named(told, params, key):
    *path, last = key.split(".")
    del (params[path[0]] if path else params)[last]
    assert told({}) == f"{key}: missing; give it a value"


@pytest.mark.parametrize(("key", "given", "line"), [
    ("train.epochs", 1.5, "a whole number is wanted, got 1.5"),
    ("train.epochs", True, "a whole number is wanted, got true"),
    ("train.epochs", "3", "a whole number is wanted, got '3'"),
    ("train.lr", "fast", "a number is wanted, got 'fast'"),
    ("train.nesterov", "maybe", "true or false is wanted, got 'maybe'"),
    ("train.nesterov", 1, "true or false is wanted, got 1"),
    ("report.title", 5, "a word (put it in quotes) is wanted, got 5"),
    ("data.path", None, "a word (put it in quotes) is wanted, got null"),
    ("data", None, "a group of keys is wanted, got null"),
    ("model", "vgg16", "a group of keys is wanted, got 'vgg16'"),
    ("preprocess.size", "32", "a list is wanted, got '32'"),
    ("augment.affine.scale", 1, "a list is wanted, got 1"),
    ("augment.hflip", "yes", "a number is wanted, got 'yes'"),
    ("augment.erase", 0.5, "a group of keys is wanted, got 0.5"),
    ("augment.resized_crop", "many", "a group of keys is wanted, got 'many'"),
    ("augment.color_jitter", 0.2, "a group of keys is wanted, got 0.2"),
    ("seeds", 0, "a list is wanted, got 0"),
    ("variants", ["net"], "a group of keys is wanted, got ['net']"),
    ("variants.net", 5, "a group of keys is wanted, got 5"),
    ("variants.net.model", 5, "a group of keys is wanted, got 5"),
    ("variants.net.train.lr", "x", "a number is wanted, got 'x'"),
])  # fmt: skip
def test_a_wrong_type_is_told_with_what_is_wanted_and_what_was_given(told, key, given, line):
    assert told({key: given}) == f"{key}: {line}"


@pytest.mark.parametrize(("key", "given", "line"), [
    ("train.epochs", 0, "0 is not allowed; at least 1 is"),
    ("train.batch_size", 1, "1 is not allowed; at least 2 is"),
    ("train.batch_size", 10**11, "100000000000 is not allowed; at most 1000000 is"),
    ("train.lr", -1, "-1 is not allowed; above 0"),
    ("train.lr", float("nan"), "a finite number is wanted, got nan"),
    ("train.lr", float("inf"), "a finite number is wanted, got inf"),
    ("train.accumulate", 0, "0 is not allowed; at least 1 is"),
    ("train.clip_norm", 0, "0 is not allowed; above 0"),
    ("train.ema", 1, "1 is not allowed; below 1"),
    ("train.label_smoothing", 1, "1 is not allowed; below 1"),
    ("train.gamma", 0, "0 is not allowed; above 0"),
    ("model.dropout", 1, "1 is not allowed; below 1"),
    ("model.n", 0, "0 is not allowed; at least 1 is"),
    ("model.n", 201, "201 is not allowed; at most 200 is"),
    ("augment.rotate", 181, "181 is not allowed; at most 180"),
    ("augment.pad_crop", -1, "-1 is not allowed; at least 0 is"),
    ("augment.affine.scale", [1.1, 0.9], "a range [low, high] with 0 < low <= high is wanted"),
    ("augment.affine.scale", [0, 1], "a range [low, high] with 0 < low <= high is wanted"),
    ("augment.affine.shear", 90, "90 is not allowed; below 90"),
    ("augment.affine.translate", 1.5, "1.5 is not allowed; at most 1"),
    ("augment.hflip", 1.5, "1.5 is not allowed; at most 1"),
    ("augment.resized_crop.scale", [0.5, 2], "a range of shares, at most 1, is wanted, got"),
    ("augment.resized_crop.ratio", [2, 1], "a range [low, high] with 0 < low <= high is wanted"),
    ("augment.color_jitter.hue", 0.6, "0.6 is not allowed; at most 0.5 is"),
    ("augment.color_jitter.contrast", -0.1, "-0.1 is not allowed; at least 0"),
    ("augment.erase.probability", 2, "2 is not allowed; at most 1"),
    ("augment.erase.scale", [0, 0.3], "a range [low, high] with 0 < low <= high is wanted"),
    ("augment.mixup", -1, "-1 is not allowed; at least 0"),
    ("model.norm_eps", 1e-320, "1e-320 is not allowed; at least 1e-12"),
    ("model.norm_eps", 1e300, "1e+300 is not allowed; at most 1"),
    ("model.conv_bias", 1, "'1' is not known; choose auto, false or true"),
    ("model.conv_bias", 0, "'0' is not known; choose auto, false or true"),
    ("preprocess.size", [32], "[32] has too few values; add the rest"),
    ("preprocess.size", [32, 32, 3], "[32, 32, 3] has too many values; give at most 2"),
    ("data.shape", [28, 28], "[28, 28] has too few values; add the rest"),
    ("seeds", [], "[] has too few values; give at least 1"),
    ("variants", {}, "{} has too few values; give at least 1"),
    ("variants.net.preprocess.size", 8, "only normalise can differ by variant"),
])  # fmt: skip
def test_an_impossible_value_is_told_with_what_is_allowed(told, key, given, line):
    assert told({key: given}).startswith(f"{key}: {line}")


@pytest.mark.parametrize(("key", "given", "meant", "choices"), [
    ("model.arch", "resnet81", "resnet18", ARCHITECTURES),
    ("model.stem", "smal", "small", "imagenet or small"),
    ("model.shortcut", "padd", "pad", "pad or projection"),
    ("model.conv_bias", "aut", "auto", "auto, false or true"),
    ("model.norm", "BN", "bn", "bin, bn, bn_torch, gn, in, ln or none"),
    ("train.optimiser", "adma", "adam", "adam, adamw, rmsprop or sgd"),
    ("preprocess.normalise", "data", "dataset", "dataset, imagenet, per_image or unit"),
    ("variants.net.preprocess.normalise", "unt", "unit", "dataset, imagenet, per_image or unit"),
    ("variants.net.model.arch", "VGG-16", "vgg16", ARCHITECTURES),
])  # fmt: skip
def test_an_unknown_choice_is_told_with_its_near_match_and_the_choices(
    told, key, given, meant, choices
):
    line = f"{key}: '{given}' is not known; did you mean {meant}? choose {choices}"
    assert told({key: given}) == line


@pytest.mark.parametrize("key", ["model.norm", "variants.net.model.norm"])
@pytest.mark.parametrize("given", ["no", "off", "Off", False])
def test_a_switch_where_a_name_is_wanted_is_asked_back_as_none(told, key, given):
    line = told({key: given})
    assert line.startswith(f"{key}: ")
    assert "is not known; none? " in line


@pytest.mark.parametrize("given", ["no", "off"])
def test_a_switch_is_not_asked_back_as_none_where_none_is_no_choice(told, given):
    assert "none?" not in told({"train.schedule": given})


@pytest.mark.parametrize(("given", "value"), [
    ("no", False), ("off", False), ("Off", False), ("yes", True), ("on", True), (True, True),
])  # fmt: skip
def test_a_switch_is_a_boolean_where_a_boolean_is_wanted(params, given, value):
    params["train"]["nesterov"] = given
    assert understand(params, "params.yaml").plans["net"].train.nesterov is value


@pytest.mark.parametrize("name", ["VGG", "a b", "a/b", "..", "", "é", "a.b"])
def test_a_variant_name_that_cannot_name_files_is_refused_with_what_can(told, name):
    line = told({"variants": {name: {}}})
    assert f"the name {name!r} names files; use a-z, 0-9, _ and - only" in line


def test_a_seed_that_stands_twice_is_refused(told):
    assert told({"seeds": [0, 1, 0]}) == "seeds: a seed stands twice; each run needs its own"


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_is_one_that_numpy_takes(told, seed):
    assert told({"seeds": [0, seed]}).startswith(f"seeds.1: {seed} is not allowed; ")


def test_a_batch_larger_than_the_training_split_is_told_with_the_largest(told):
    line = "batch_size: 61 is larger than the training split (60 images); choose at most 60"
    assert told({"train.batch_size": 61}) == f"train.{line}"
    assert told({"variants.net.train.batch_size": 61}) == f"variants.net.train.{line}"


def test_batches_of_a_step_that_the_training_split_does_not_hold_are_told_with_the_most(told):
    line = "accumulate: 7 times train.batch_size 10 is larger than the training split (60 images)"
    assert told({"train.accumulate": 7}) == f"train.{line}; choose at most 6"
    assert told({"variants.net.train.accumulate": 7}).startswith(f"variants.net.train.{line}")


def test_training_on_validation_images_too_the_two_splits_hold_the_step(told, params):
    params["train"] |= {"on": "train+val", "batch_size": 80}
    assert understand(params, "params.yaml")
    line = told({"train.batch_size": 81})
    assert line.startswith("train.batch_size: 81 is larger than the training split (80 images)")


@pytest.mark.parametrize("step", [{"batch_size": 60}, {"accumulate": 6}])
def test_a_step_as_large_as_the_training_split_is_taken(params, step):
    params["train"] |= step
    assert understand(params, "params.yaml").plans["net"].train.step_images == 60


@pytest.mark.parametrize("split", [
    {"train": 0.6, "val": 0.2, "test": 0.2}, {"method": "predefined"},
    {"method": "predefined", "val": 20}, {"train": 60, "val": 20, "test": 20, "limit": 1000},
])  # fmt: skip
def test_a_step_is_not_measured_before_the_data_where_they_have_the_count(params, split):
    params |= {"split": split, "train": params["train"] | {"batch_size": 500, "patience": 3}}
    assert understand(params, "params.yaml").plans["net"].train.batch_size == 500


@pytest.mark.parametrize("split", [
    {"train": 60, "val": 0, "test": 20}, {"train": 0.6, "val": 0.0, "test": 0.4},
    {"method": "predefined", "val": 0},
])  # fmt: skip
def test_patience_is_refused_where_no_image_is_left_for_validation(told, params, split):
    params["split"] = split
    line = "train.patience: 3, but split.val is 0 and leaves no validation images; set it to null"
    assert told({"variants.net.train.patience": 3}).startswith(f"variants.net.{line}")
    params["variants"] = {"net": {}}
    assert told({"train.patience": 3}).startswith(line)


def test_statistics_of_colours_are_refused_for_images_packed_in_grey(told, params):
    line = "preprocess.normalise: imagenet is for 3 channels, and preprocess.channels is 1; choose"
    params["preprocess"] |= {"channels": 1}
    assert told({"variants.net.preprocess.normalise": "imagenet"}).startswith(
        f"variants.net.{line}"
    )
    params["variants"] = {"net": {"preprocess": {"normalise": "unit"}}}
    params["preprocess"] |= {"normalise": "imagenet"}
    assert understand(params, "params.yaml").plans["net"].normalise == "unit"
    assert told({"variants": {"net": {}}}).startswith(line)


@pytest.mark.parametrize("channels", [None, 3])
def test_statistics_of_colours_are_taken_where_images_may_have_them(params, channels):
    params["preprocess"] |= {"channels": channels, "normalise": "imagenet"}
    assert understand(params, "params.yaml").plans["net"].normalise == "imagenet"


@pytest.mark.parametrize("given", [-3, 1.5, float("nan"), float("inf"), "many", True])
def test_the_size_of_a_part_is_a_count_or_a_fraction(told, given):
    line = told({"split.train": given})
    assert line == f"split.train: {given!r} is not allowed; a count (700) or a fraction (0.7) is"


@pytest.mark.parametrize("part", ["train", "val", "test"])
def test_a_part_without_a_size_is_for_predefined_splits(told, params, part):
    line = told({f"split.{part}": None})
    assert line.startswith(f"split: {part} is missing; give its size (0 for none), or set method")
    params["split"] = {"method": "predefined"}
    assert understand(params, "params.yaml").split.sizes == {}


def test_predefined_training_images_are_those_that_are_left(told):
    line = told({"split": {"method": "predefined", "train": 60}})
    assert line.startswith("split: train is 60, but predefined takes for training what is left")


@pytest.mark.parametrize(("sizes", "part"), [
    ((600, 0.2, 0.2), "give all as counts (700) or all as fractions (0.7)"),
    ((0.5, 0.4, 0.2), "fractions add up to 1.1; at most 1 is allowed"),
    ((0, 10, 10), "training needs at least one image"),
])  # fmt: skip
def test_sizes_that_disagree_are_told(told, sizes, part):
    assert part in told({"split": dict(zip(("train", "val", "test"), sizes, strict=True))})


def test_a_part_of_no_images_goes_with_fractions(params):
    params["split"] = {"train": 0.8, "val": 0.2, "test": 0}
    assert understand(params, "params.yaml").split.parts == {"train": 0.8, "val": 0.2, "test": 0}


def test_nesterov_without_momentum_is_refused_for_sgd(told):
    line = told({"train.optimiser": "sgd", "train.nesterov": True, "train.momentum": 0})
    assert line == "train: nesterov is true and momentum 0; give a momentum above 0"


@pytest.mark.parametrize(("key", "given", "meant"), [
    ("model.norm", "batch", "bn"),
    ("model.norm", "LayerNorm", "ln"),
    ("model.norm", "instance_norm", "in"),
    ("model.init", "he_normal", "kaiming_normal"),
    ("model.init", "glorot_uniform", "xavier_uniform"),
    ("model.arch", "resnet20", "cifar_resnet with n: 3"),
    ("model.arch", "resnet110", "cifar_resnet with n: 18"),
    ("model.arch", "vgg16_bn", "vgg16 with norm: bn"),
])  # fmt: skip
def test_other_names_of_a_choice_are_understood(told, key, given, meant):
    assert f"is not known; did you mean {meant}? choose " in told({key: given})


def test_every_other_name_means_something_that_is_there():
    known = {*get_args(Architecture), *get_args(Norm), *get_args(Initialisation)}
    assert {meant.split()[0] for meant in OTHER_NAMES.values()} <= known
    assert not set(OTHER_NAMES) & known


@pytest.mark.parametrize(("given", "line"), [
    ({"schedule": "step"}, "schedule is step without milestones; name epochs, as [30, 40]"),
    ({"schedule": "step", "milestones": [5, 3]}, "milestones [5, 3] do not rise; sort them"),
    ({"schedule": "step", "milestones": [3, 3]}, "milestones [3, 3] do not rise; sort them"),
    ({"schedule": "one_cycle", "warmup_epochs": 1}, "one_cycle warms up by itself; set "
                                                    "warmup_epochs to 0"),
    ({"epochs": 5, "warmup_epochs": 5.0}, "warmup_epochs 5 leaves none of 5 epochs; lower it"),
])  # fmt: skip
def test_schedules_that_cannot_be_are_refused(told, given, line):
    assert told({f"train.{key}": value for key, value in given.items()}) == f"train: {line}"


def test_a_long_value_is_cut_so_that_the_line_stays_readable(told):
    assert len(told({"model.norm": "x" * 10_000})) < 200


@pytest.mark.parametrize("content", ["", "- a\n", "word\n"])
def test_a_file_that_is_no_group_of_sections_is_refused(tmp_path, content):
    path = tmp_path / "params.yaml"
    path.write_text(content)
    with pytest.raises(Fault, match=r"params.yaml: sections are wanted"):
        read(path)


@pytest.mark.parametrize(("changes", "meant"), [
    ({"evaluate.weights": "epoch-003", "train.keep_every": 2}, "epoch-004"),
    ({"evaluate.weights": "epoch-010", "train.keep_every": 5}, "epoch-005"),
    ({"evaluate.weights": "epoch-005"}, "choose best or last"),
])  # fmt: skip
def test_weights_of_an_epoch_that_a_variant_does_not_keep_are_told_before_training(
    told, changes, meant
):
    line = told({"train.epochs": 6} | changes)
    assert line.startswith(f"evaluate.weights: net keeps no {changes['evaluate.weights']} (train.")
    assert meant in line


@pytest.mark.parametrize("weights", ["epoch-10", "epoch-", "epoch-1e1", "newest", "last "])
def test_names_that_no_weights_have_are_told_with_those_that_they_have(told, weights):
    line = told({"evaluate.weights": weights})
    assert line == (
        f"evaluate.weights: {weights!r} are no weights; choose last, best, or a kept one as "
        "epoch-010"
    )


@pytest.mark.parametrize("key", ["patience", "val_images"])
def test_what_needs_validation_is_told_that_nothing_is_left_of_it(told, key):
    line = told({"train.on": "train+val", f"train.{key}": 3})
    assert line == f"train: on train+val leaves {key} no validation; set {key} to null"


@pytest.mark.parametrize("size", [8, [40, 8]])
def test_a_shift_that_leaves_nothing_of_the_images_is_told_before_training(told, size):
    line = told({"preprocess.size": size, "evaluate.tta": {"shift": 8}})
    assert line == ("evaluate.tta.shift: 8 pixels leave nothing of an image of 8; set it below 8")
