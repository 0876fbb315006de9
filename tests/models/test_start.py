"""Laws of starting weights; torchvision's networks, with random weights, are the reference."""

import re
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

from assay.fault import Fault
from assay.models.start import fill, head, start, train_mode
from assay.params.model import Model
from assay.params.weights import content_hash

FILES = ["weights/one.pth", "weights/one.safetensors"]


@pytest.fixture(scope="module")
def reference():
    torch.manual_seed(0)
    return torchvision.models.resnet18().eval()


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    (tmp_path / "weights").mkdir()
    monkeypatch.chdir(tmp_path)


def write(state, file="weights/one.pth"):
    save_file(state, file) if file.endswith(".safetensors") else torch.save(state, file)
    return file


def begin(network, file, **model):
    start(network, Model(arch="resnet18", weights=file, **model), content_hash(Path(file)))
    return network


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("norm", ["bn", "bn_torch"])
def test_a_file_of_torchvisions_weights_gives_its_logits_at_224(network, reference, file, norm):
    own = network("resnet18", (3, 224, 224), 1000, norm=norm)
    begin(own, write(reference.state_dict(), file), norm=norm).eval()
    images = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(own(images), reference(images))


@pytest.mark.filterwarnings("ignore:for .* copying from a non-meta parameter")
def test_torchvisions_vgg_fits_by_name_and_shape(sketch):
    with torch.device("meta"):
        state = torchvision.models.vgg16_bn().state_dict()
    # Zeros seen at every place of a shape take no memory.
    zeros = {name: torch.zeros(()).expand(value.shape) for name, value in state.items()}
    fill(sketch("vgg16", (3, 224, 224), 1000), zeros, "vgg16_bn.pth", replace_head=False)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("norm", ["bn", "bn_torch", "gn", "none"])
def test_our_own_weights_come_back_to_the_bit(network, file, norm):
    saved = network("resnet18", norm=norm, seed=1).state_dict()
    own = begin(network("resnet18", norm=norm), write(saved, file), norm=norm).state_dict()
    assert all(own[name].equal(value) for name, value in saved.items())


def test_weights_in_half_precision_are_taken_as_fp32(network):
    saved = network("resnet18", norm="none").half().state_dict()
    own = begin(network("resnet18", norm="none", seed=1), write(saved), norm="none").state_dict()
    assert all(own[name].equal(value.float()) for name, value in saved.items())


def test_a_replaced_head_is_new_and_nothing_else_is(network):
    saved, fresh = network("resnet18", classes=5, seed=1), network("resnet18", classes=5)
    drawn = fresh.fc.weight.clone()
    begin(fresh, write(saved.state_dict()), replace_head=True)
    assert fresh.fc.weight.equal(drawn)
    assert fresh.layer4[1].conv2.weight.equal(saved.layer4[1].conv2.weight)


def test_a_replaced_head_may_have_other_classes(network, reference):
    begin(network("resnet18", classes=5), write(reference.state_dict()), replace_head=True)


def test_the_head_is_the_last_linear_layer(sketch):
    assert head(sketch("resnet18")) == "fc"
    assert head(sketch("vgg16")) == "classifier.6"


@pytest.mark.parametrize("norm", ["bn", "bn_torch"])
def test_a_frozen_backbone_stays_as_it_is_through_training(network, norm):
    saved = network("resnet18", norm=norm, seed=1).state_dict()
    own = begin(network("resnet18", norm=norm), write(saved), norm=norm, freeze="backbone")
    train_mode(own)
    learning = [weight for weight in own.parameters() if weight.requires_grad]
    optimiser = torch.optim.SGD(learning, 0.1)
    own(torch.randn(4, 3, 32, 32)).square().sum().backward()
    optimiser.step()
    moved = {name for name, value in own.state_dict().items() if not value.equal(saved[name])}
    assert moved == {"fc.weight", "fc.bias"}


def test_a_frozen_backbone_gives_the_head_the_features_of_evaluation(network, sketch):
    saved = network("resnet18", seed=1).state_dict()
    own = begin(network("resnet18"), write(saved), freeze="backbone")
    images = torch.randn(4, 3, 32, 32)
    train_mode(own)
    in_training = own(images)
    assert in_training.equal(own.eval()(images))
    vgg = sketch("vgg16")
    vgg.requires_grad_(False).get_submodule("classifier.6").requires_grad_(True)
    train_mode(vgg)
    assert [name for name, one in vgg.named_modules() if one.training] == ["classifier.6"]


def test_a_network_that_is_not_frozen_trains_in_all_its_parts(sketch):
    network = sketch("vgg16").eval()
    train_mode(network)
    assert all(layer.training for layer in network.modules())


def test_no_weights_and_no_freezing_change_nothing(network):
    own = network("resnet18")
    before = {name: value.clone() for name, value in own.state_dict().items()}
    start(own, Model(arch="resnet18"), None)
    assert all(before[name].equal(value) for name, value in own.state_dict().items())
    assert all(weight.requires_grad for weight in own.parameters())


def test_a_file_that_changed_after_it_was_planned_is_refused(network):
    own = network("resnet18")
    file = write(own.state_dict())
    with pytest.raises(Fault, match=r"one\.pth: has changed since it was planned; run `dvc repro`"):
        start(own, Model(arch="resnet18", weights=file), "0" * 64)


def told(network, state, **words):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(Fault) as fault:
        fill(network, state, "weights/x.pth", replace_head=words.get("replace_head", False))
    line = str(fault.value)
    assert line.startswith("weights/x.pth: ")
    assert "\n" not in line
    assert len(line) < 300
    assert all(before[name].equal(value) for name, value in network.state_dict().items())
    return line


def test_other_classes_are_refused_with_both_numbers_and_the_mend(network, reference):
    line = told(network("resnet18", classes=5), reference.state_dict())
    assert "1000 classes and the data 5; set model.replace_head: true" in line


def test_other_channels_are_refused_with_the_setting_of_the_images(network):
    line = told(network("resnet18", (1, 8, 8)), network("resnet18").state_dict())
    assert "images of 3 channels, and these have 1; set preprocess.channels to 3" in line


def test_a_vgg_of_another_image_size_is_refused_with_both_shapes(sketch):
    own, other = sketch("vgg16"), sketch("vgg16", (3, 64, 64)).state_dict()
    zeros = {name: torch.zeros(()).expand(value.shape) for name, value in other.items()}
    with pytest.raises(Fault) as fault:
        fill(own, zeros, "x.pth", replace_head=True)
    assert str(fault.value) == (
        "x.pth: classifier.0.weight is 4096x2048 and here 4096x512; "
        "set preprocess.size to that of the weights (224 for torchvision's)"
    )


def test_another_architecture_is_refused_with_the_first_names(network, sketch):
    zeros = {name: torch.zeros(()) for name in sketch("vgg16").state_dict()}
    line = told(network("resnet18"), zeros)
    assert (
        "of another network: lacks 'conv1.weight', 'bn1.weight' … and has a foreign 'features"
        in line
    )
    assert "set model.arch, n, norm, conv_bias and shortcut as it was trained" in line


@pytest.mark.parametrize(("norm", "other"), [("bn", "gn"), ("gn", "bn"), ("none", "bn")])
def test_another_norm_is_refused_where_its_weights_are_others(network, norm, other):
    line = told(network("resnet18", norm=norm), network("resnet18", norm=other).state_dict())
    assert re.search(r"(lacks|has a foreign) '(bn1|conv1)\.\w+", line)


def test_another_stem_is_refused_with_both_shapes(network):
    line = told(network("resnet18", stem="small"), network("resnet18").state_dict())
    assert "conv1.weight is 64x3x7x7 and here 64x3x3x3; correct model.arch or model.stem" in line


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused_by_name(network, value):
    state = network("resnet18", seed=1).state_dict()
    nn.init.constant_(state["layer1.0.conv1.weight"][3], value)
    assert "layer1.0.conv1.weight has values that are no finite" in told(network("resnet18"), state)


def test_a_name_from_a_file_moves_no_cursor(network):
    line = told(network("resnet18"), {"\x1b[2J\n": torch.zeros(1)})
    assert r"has a foreign '\x1b[2J\n';" in line


def test_negative_variances_are_refused_by_name(network):
    state = network("resnet18").state_dict()
    state["bn1.running_var"][3] = -0.1
    assert "bn1.running_var has negative variances" in told(network("resnet18"), state)


def test_whole_numbers_are_no_weights(network):
    state = network("resnet18").state_dict()
    state["fc.bias"] = state["fc.bias"].long()
    assert "fc.bias has values that are no finite" in told(network("resnet18"), state)
