"""What pydantic found wrong, told in one line: the key, what was given, what is allowed."""

import types
import typing
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from assay.fault import Fault, listed, nearest
from assay.params.other_names import OTHER_NAMES

T = TypeVar("T", bound=BaseModel)

_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a word (put it in quotes)",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a group of keys",
    "model_type": "a group of keys",
    "model_attributes_type": "a group of keys",
    "finite_number": "a finite number",
}
_LENGTHS = {
    "too_short": "too few values; give at least {min_length}",
    "string_too_short": "nothing in it; give it a value",
    "too_long": "too many values; give at most {max_length}",
}
_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def checked(kind: type[T], given: Any, source: str, prefix: str = "") -> T:
    """Build a section from what was given; a Fault tells the first mistake in it."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True)
        first = min(found, key=lambda one: one["type"] != "extra_forbidden")
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise Fault(f"{source}: {_line(kind, dict(first), prefix)}{more}") from None


def _line(kind: type[BaseModel], error: dict[str, Any], prefix: str) -> str:
    path = [str(step) for step in error["loc"] if step != "[key]"]
    key = prefix + ".".join(path)
    value, why, context = error.get("input"), error["type"], error.get("ctx", {})
    if why == "extra_forbidden":
        return f"{key}: unknown key; {nearest(path[-1], _fields(kind, path[:-1]))}"
    if why == "missing" and isinstance(error["loc"][-1], int):
        return f"{prefix}{'.'.join(path[:-1])}: {_shown(value)} has too few values; add the rest"
    if why in _LENGTHS:
        return f"{key}: {_shown(value)} has {_LENGTHS[why].format(**context)}"
    if why == "missing":
        return f"{key}: missing; give it a value"
    if why == "literal_error":
        choices = _choices(context["expected"])
        return f"{key}: {_shown(value)} is not known; {_choice(value, choices)}"
    if why in _KINDS:
        return f"{key}: {_KINDS[why]} is wanted, got {_shown(value)}"
    bounds = [f"{words} {context[name]}" for name, words in _BOUNDS.items() if name in context]
    if bounds:
        return f"{key}: {_shown(value)} is not allowed; {listed(bounds)} is"
    message = error["msg"].removeprefix("Value error, ")
    return f"{key.rstrip('.')}: {message}"


def _choices(expected: str) -> list[str]:
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    return [one.lower() if one in {"True", "False"} else one for one in choices]


def _choice(value: Any, choices: list[str]) -> str:
    if str(value).lower() in {"no", "off", "false", "null"} and "none" in choices:
        return "none? it is a word here, not a switch"
    meant = OTHER_NAMES.get(str(value).lower())
    if meant and meant.split()[0] in choices:
        return f"did you mean {meant}? choose {listed(sorted(choices), 'or')}"
    return nearest(str(value), choices)


def _shown(value: Any) -> str:
    value = list(value) if isinstance(value, tuple) else value
    text = "null" if value is None else str(value) if not isinstance(value, str) else f"'{value}'"
    text = str(value).lower() if isinstance(value, bool) else text
    return text if len(text) <= 60 else text[:57] + "…"


def _fields(kind: type[BaseModel], path: list[str]) -> list[str]:
    """The keys that are allowed at `path` below `kind`."""
    for step in path:
        if step.isdigit():  # a place in a list, whose kind is known already
            continue
        field = kind.model_fields.get(step)
        inner = _models(field.annotation) if field else []
        if not inner:
            return []
        kind = inner[0]
    return list(kind.model_fields)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation):
        return [kind for part in typing.get_args(annotation) for kind in _models(part)]
    return []
