"""Networks that cannot be are refused before torch is there, with a word on how to mend."""

from collections.abc import Callable, Collection, Set
from typing import get_args

from assay.fault import Fault, listed
from assay.params.architectures import ARCHITECTURES, one_pixel_planes
from assay.params.model import Model, Norm

Owner = Callable[[str], str]

_BY_NUMBER = {"cifar_resnet": "6n+2", "cifar_preact_resnet": "9n+2"}
_RUNNING = {"bn", "bn_torch", "bin"}  # norms that keep running statistics
_VGGS = {arch for arch in ARCHITECTURES if arch.startswith("vgg")}
_RESNETS = {*ARCHITECTURES} - _VGGS
_OWN_KEYS = {
    "stem": {arch for arch in _RESNETS if ARCHITECTURES[arch].stem > 1},
    "shortcut": _RESNETS,
    "shortcut_norm": _RESNETS - {"cifar_preact_resnet"},
    "zero_init_residual": _RESNETS,
    "dropout": _VGGS,
}
_USERS = {"groups": {"gn"}, "norm_momentum": _RUNNING, "norm_eps": {*get_args(Norm)} - {"none"}}


def must_exist(model: Model, size: tuple[int, int], owner: Owner) -> None:
    """A Fault where there is no such network for images of [height, width].

    `owner` turns a key like `model.norm` into the place where the user gave it.
    """
    _depth(model, owner)
    _sides(model, size, owner)
    _norm_parameters(model, owner)
    _groups(model, owner)
    _planes(model, size, owner)
    _start(model, owner)


def must_have(model: Model, named: Collection[str], archs: Set[str], owner: Owner) -> None:
    """A Fault where a key is given that this architecture has not.

    `named` are the variant's own keys. One of the base section may be meant for other variants: it
    is refused where none of the `archs` of all variants has it, but never at its default.
    """
    for key, users in _OWN_KEYS.items():
        given, default = getattr(model, key), Model.model_fields[key].default
        meant_for_others = given == default or users & archs
        if model.arch not in users and (key in named or not meant_for_others):
            shown = str(given).lower() if isinstance(given, bool) else given
            raise Fault(
                f"{owner(f'model.{key}')}: {shown} means nothing to {model.arch} "
                f"({_place(owner, 'arch')}), only to {listed(sorted(users))}; remove it"
            )


def _depth(model: Model, owner: Owner) -> None:
    layers = _BY_NUMBER.get(model.arch)
    if layers and model.n is None:
        raise Fault(
            f"{owner('model.n')}: missing; {model.arch} has {layers} layers: set it to 1 or more"
        )
    if model.n is not None and not layers:
        raise Fault(
            f"{owner('model.n')}: {model.n} means nothing to {model.arch} "
            f"({_place(owner, 'arch')}), only to {listed(_BY_NUMBER)}; "
            f"{_reset(owner, 'n', 'arch', 'null')}"
        )


def _sides(model: Model, size: tuple[int, int], owner: Owner) -> None:
    least = ARCHITECTURES[model.arch].smallest_side
    if min(size) < least:
        raise Fault(
            f"{owner('model.arch')}: {model.arch} needs images of at least {least} pixels a side; "
            f"preprocess.size is {size[0]}x{size[1]}: raise it, or choose a ResNet"
        )


def _norm_parameters(model: Model, owner: Owner) -> None:
    """A parameter at its default is never in the way: so norms can be tried from one file."""
    for key, norms in _USERS.items():
        given, default = getattr(model, key), Model.model_fields[key].default
        if model.norm not in norms and given != default:
            shown = "null" if default is None else f"{default:g}"
            raise Fault(
                f"{owner(f'model.{key}')}: {given:g} means nothing to {model.norm} "
                f"({_place(owner, 'norm')}), only to {listed(sorted(norms))}; "
                f"{_reset(owner, key, 'norm', shown)}"
            )


def _groups(model: Model, owner: Owner) -> None:
    groups = model.groups
    for width in ARCHITECTURES[model.arch].widths:
        if model.norm == "gn" and groups and width % groups:
            fitting = [n for n in range(1, width + 1) if width % n == 0]
            raise Fault(
                f"{owner('model.groups')}: {groups} does not divide {width} channels; "
                f"choose {listed(fitting, 'or')}"
            )


def _planes(model: Model, size: tuple[int, int], owner: Owner) -> None:
    """A value normalised by moments of its own alone is lost: only the bias is left.

    `bin` may meet such planes: there its other half is left.
    """
    small = one_pixel_planes(model, size)
    alone = [width for width in small if model.norm == "in" or _single(model, width)]
    if not alone:
        return
    width = max(alone, key=lambda width: (small[width], width))
    stem = ARCHITECTURES[model.arch].stem if model.stem == "imagenet" else 1
    mends = ["model.stem small"] if max(size) * stem > small[width] else []
    mends += [f"a preprocess.size over {small[width]}", "another norm"]
    raise Fault(
        f"{owner('model.norm')}: {model.norm} normalises single planes, and of "
        f"{size[0]}x{size[1]} pixels {model.arch} leaves planes of 1x1 (at {width} channels): "
        f"nothing of an image would be left; take {listed(mends, 'or')}"
    )


def _start(model: Model, owner: Owner) -> None:
    """Refuse what has a sense only with weights to start from."""
    if model.weights is None and model.replace_head:
        raise Fault(
            f"{owner('model.replace_head')}: true, but model.weights names no file whose head "
            "could be replaced; name one, or set false"
        )
    if model.weights is None and model.freeze != "none":
        raise Fault(
            f"{owner('model.freeze')}: {model.freeze} would train the last layer on random "
            "features; name a file in model.weights, or set none"
        )


def _single(model: Model, width: int) -> bool:
    """Whether group norm makes a group of every channel, as instance norm does."""
    return model.norm == "gn" and model.groups == width


def _place(owner: Owner, key: str) -> str:
    """Where a key of the model was given, without the file's name."""
    return owner(f"model.{key}").rsplit(": ", 1)[-1]


def _reset(owner: Owner, key: str, other: str, default: str) -> str:
    """Where to set a key to its default that means nothing to `other`: other variants keep it."""
    place = _place(owner, other)
    if place.startswith("variants.") and not _place(owner, key).startswith("variants."):
        return f"set {place.removesuffix(other)}{key} to {default}"
    return f"set it to {default} there"
