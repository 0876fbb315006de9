"""What every section has in common: frozen, no unknown keys, no silent conversions."""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticKnownError

_BOOLEANS = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


class Section(BaseModel):
    """A frozen section of params.yaml; an unknown key or a wrong type is refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


def _boolean(given: Any) -> Any:
    return _BOOLEANS.get(given.lower(), given) if isinstance(given, str) else given


def _switched(given: Any) -> Any:
    switch = _boolean(given)
    if isinstance(switch, bool):
        return {} if switch else None
    return given


def _pair(given: Any) -> Any:
    return [given, given] if isinstance(given, int) and not isinstance(given, bool) else given


def _tuple(given: Any) -> Any:
    return tuple(given) if isinstance(given, list) else given


def _not_blank(given: str) -> str:
    if not given.strip():
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return given


Spelt = BeforeValidator(_boolean)  # of a boolean: `on`, `yes`, `off` and `no` are ones too
Boolean = Annotated[bool, Spelt]
Count = Annotated[int, Field(ge=1)]
Counts = Annotated[tuple[Count, ...], BeforeValidator(_tuple)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Range = Annotated[tuple[float, float], BeforeValidator(_tuple)]
Shape = Annotated[tuple[Count, Count, Count], BeforeValidator(_tuple)]
Side = Annotated[int, Field(ge=1, le=4096)]
Switch = BeforeValidator(_switched)  # of a group or null: `on` is its defaults, `off` null
Size = Annotated[tuple[Side, Side], BeforeValidator(_tuple), BeforeValidator(_pair)]
Verbatim = Annotated[str, AfterValidator(_not_blank)]  # as the data have it, outer blanks too
