"""Variants: the complete plan that each resolves to, by what it overrides."""

import functools
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from assay.fault import Fault, nearest
from assay.params.augment import Augment
from assay.params.images import must_have_colours, must_suffice
from assay.params.like import KEY, Given, lineage, over, overrides, own
from assay.params.mistakes import checked
from assay.params.model import Model
from assay.params.network import must_exist, must_have
from assay.params.preprocess import Normalisation, Packing, Preprocess
from assay.params.section import Section
from assay.params.split import Split
from assay.params.train import Train


def _name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,59}", name):
        raise ValueError(
            f"the name {name[:70]!r} names files; use a-z, 0-9, _ and - only, no - in front, and "
            "60 letters at most"
        )
    return name


Variants = Annotated[
    dict[Annotated[str, AfterValidator(_name)], dict[str, Any] | None],
    Field(min_length=1),
]


class Plan(Section):
    """All that determines the training of one variant, but for data and seed.

    `weights_hash` is the SHA-256 of `model.weights`, which the plan stage adds.
    """

    model: Model
    train: Train
    augment: Augment
    normalise: Normalisation
    weights_hash: str | None = None


OVERRIDES = ("model", "train", "augment", "preprocess")


def resolve(given: dict[str, Any], split: Split, packing: Packing, source: str) -> dict[str, Plan]:
    """Each variant's plan: the base sections of the file with its overrides laid over them."""
    variants = given["variants"]
    for name in variants:
        _must_be_groups(own(variants[name]), f"{source}: variants.{name}.")
    lines = {name: lineage(name, variants, source) for name in variants}
    overridden = {name: overrides(line, variants) for name, line in lines.items()}
    owners = {
        name: functools.partial(_owner, source, line, variants) for name, line in lines.items()
    }
    plans = {}
    for name in sorted(lines, key=lambda name: len(lines[name])):  # a mistake is told of its author
        where = f"variants.{name}."
        plans[name] = checked(Plan, _merged(given, overridden[name], where, source), source, where)
        _fit(plans[name], split, packing, owners[name])
    archs = {plan.model.arch for plan in plans.values()}
    for name, plan in plans.items():
        must_have(plan.model, overridden[name].get("model", {}), archs, owners[name])
    return {name: plans[name] for name in variants}


def _must_be_groups(overrides: dict[str, Any], where: str) -> None:
    for section, values in overrides.items():
        if section not in OVERRIDES:
            known = nearest(section, [*OVERRIDES, KEY])
            raise Fault(f"{where}{section}: unknown key; {known}")
        if not isinstance(values, dict):
            raise Fault(f"{where}{section}: a group of keys is wanted, got {values!r}")


def _merged(
    given: dict[str, Any], overrides: dict[str, Any], where: str, source: str
) -> dict[str, Any]:
    preprocess = overrides.get("preprocess", {})
    for key in set(preprocess) - {"normalise"}:
        raise Fault(f"{source}: {where}preprocess.{key}: only normalise can differ by variant")
    prepared = over(given["preprocess"], preprocess)
    normalise = checked(Preprocess, prepared, source, f"{where}preprocess.").normalise
    plan = {
        name: over(given.get(name) or {}, overrides.get(name, {}))
        for name in OVERRIDES
        if name != "preprocess"
    }
    return plan | {"normalise": normalise}


def _owner(source: str, line: Sequence[str], variants: Given, key: str) -> str:
    """The key as the user wrote it: in the variant that overrides it, or in the base section."""
    section, name = key.split(".")
    for variant in line:
        if name in own(variants[variant]).get(section, {}):
            return f"{source}: variants.{variant}.{key}"
    return f"{source}: {key}"


def _fit(plan: Plan, split: Split, packing: Packing, owner: Callable[[str], str]) -> None:
    """Refuse what cannot be trained, as far as it is known before the data are."""
    must_exist(plan.model, packing.size, owner)
    must_suffice(plan.train, split, owner)
    must_have_colours(plan.normalise, packing.channels, owner)
