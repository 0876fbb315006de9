"""`report`: what the report says, how sure it wants to be, and what it was expected to find."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from assay.fault import Fault, must_be_one_of
from assay.params.claim import Claim
from assay.params.quantities import (
    COSTS,
    SCORES,
    must_be_a_share,
    must_be_measured,
)
from assay.params.reference import Reference
from assay.params.section import Name, Section


class Report(Section):
    """`time_to_accuracy` is the validation accuracy whose first reaching is timed.

    `beware` has in words what a reader must know and no number shows.
    """

    title: str
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    time_to_accuracy: Annotated[float, Field(gt=0, lt=1)] = 0.95
    beware: list[Name] = Field(default_factory=list)
    claims: list[Claim] = Field(default_factory=list)
    reference: list[Reference] = Field(default_factory=list)

    @model_validator(mode="after")
    def _claims_differ(self) -> "Report":
        asked = [claim.model_dump(exclude={"note"}) for claim in self.claims]
        for place, one in enumerate(asked):
            if one in asked[:place]:
                first = asked.index(one)
                raise ValueError(f"claims {first} and {place} are the same; leave one out")
        return self


def must_be_known(
    report: Report, settings: Mapping[str, Mapping[str, Any]], source: str, *, averaged: bool
) -> None:
    """Refuse claims and published numbers about variants, splits, scores or costs there are not.

    `settings` are the parameters of each variant by their paths; `averaged`: over views too.
    """
    for number, claim in enumerate(report.claims):
        where = f"{source}: report.claims.{number}"
        for name in claim.variants:
            must_be_one_of(name, settings, f"{where}.{claim.kind}: no variant")
        must_be_measured(claim.on, where, SCORES, averaged=averaged)
        for kind in ("at_least", "at_most", "within"):
            must_be_a_share(getattr(claim, kind), claim.on, f"{where}.{kind}")
    for number, reference in enumerate(report.reference):
        where = f"{source}: report.reference.{number}"
        for place, one in enumerate(reference.numbers):
            at = f"{where}.numbers.{place}"
            for key, named in (("of", one.of), ("ours", one.ours)):
                if named is not None:
                    must_be_one_of(named, settings, f"{at}.{key}: no variant")
            must_be_measured(one.on, at, (*SCORES, "calibration_error"), averaged=averaged)
            must_be_a_share(one.value, one.on, f"{at}.value")
            if one.epoch and one.of:
                _must_be_kept(one.epoch, one.of, settings[one.of], f"{at}.epoch")
            if one.on in COSTS and one.value <= 0:
                raise Fault(f"{at}.value: a cost above 0 is wanted, got {one.value:g}")
        for key in reference.unstated:
            known = [*dict.fromkeys(path for each in settings.values() for path in each)]
            must_be_one_of(key, known, f"{where}.unstated: no parameter")


def _must_be_kept(epoch: int, variant: str, settings: Mapping[str, Any], where: str) -> None:
    """Later epochs than there are pass: a quick look has few of them."""
    if "val" in settings["train.on"].split("+"):
        raise Fault(f"{where}: {variant} learns from validation, so no epoch is judged by it")
    every = settings["train.keep_every"]
    if every is None or epoch % every:
        kept = f"every {every} epochs" if every else "none"
        raise Fault(
            f"{where}: {epoch} is not kept, as {variant} keeps {kept}; set its train.keep_every"
        )
