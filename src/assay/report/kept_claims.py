"""Claims and their verdicts as the metrics keep them."""

from collections.abc import Sequence
from typing import Any, get_args

from assay.evaluation.claims import Verdict
from assay.params.claim import Claim
from assay.params.quantities import is_timed
from assay.report.claims import Claimed
from assay.report.rounding import restored, rounded

FOUND = ("verdict", "measured", "low", "high", "p", "p_holm")
OUTCOME = (*FOUND, "missing")


def claims_json(claimed: Sequence[Claimed]) -> list[dict[str, Any]]:
    """What comparison.json says of them: the claim as it was made, and what came out.

    What came out of timings differs with each repeat: cost.json has it (`timed_claims_json`).
    """
    return [_claim(one) | ({} if is_timed(one.claim.on) else _outcome(one)) for one in claimed]


def timed_claims_json(claimed: Sequence[Claimed]) -> list[dict[str, Any]]:
    """The claims on timings, with what came out, in their order."""
    return [_claim(one) | _outcome(one) for one in claimed if is_timed(one.claim.on)]


def _claim(one: Claimed) -> dict[str, Any]:
    return one.claim.model_dump(mode="json", exclude_unset=True)


def _outcome(one: Claimed) -> dict[str, Any]:
    kept = ("verdict", "missing") if one.missing else FOUND
    return rounded({name: getattr(one, name) for name in kept})


def claims_from(told: Sequence[dict[str, Any]], timed: Sequence[dict[str, Any]]) -> list[Claimed]:
    """What `claims_json` and `timed_claims_json` wrote."""
    apart = [one for one in told if is_timed(one["on"])]
    if apart != [{name: one[name] for name in one if name not in OUTCOME} for one in timed]:
        raise ValueError("the claims on timings are others")
    outcomes = iter(timed)
    whole = [next(outcomes) if is_timed(one["on"]) else one for one in told]
    for one in whole:
        if one["verdict"] not in get_args(Verdict):
            raise ValueError(f"{one['verdict']!r} is no verdict")
    return [
        Claimed(
            Claim(**{name: value for name, value in one.items() if name in Claim.model_fields}),
            **restored({name: value for name, value in one.items() if name in OUTCOME}),
        )
        for one in whole
    ]
