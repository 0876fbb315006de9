"""YAML as its version 1.2 reads it: `1e-3` is a number, `no` and `off` are words."""

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from assay.fault import Fault, on_one_line


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the scalars of YAML 1.2 and without repeated keys."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}  # type: ignore[misc]

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} is not a word; put it in quotes",
                    problem_mark=key_node.start_mark,
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} stands twice; keep one",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in [
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
]:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first)
    )


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, 0) if text.lower().startswith(("0x", "0o")) else int(text)


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def written(value: Any) -> str:
    """A value as YAML that `load` reads as the same, on one line that a terminal shows whole."""
    plain = _flow(value)
    try:
        same = yaml.load(f"[{plain}]", _Loader) == [value]  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, ValueError):  # what PyYAML leaves bare may be no word here
        same = False
    if same and on_one_line(plain) == plain:
        return plain
    return re.sub("(?<= ) ", r"\\x20", _flow(value, style='"'))


def _flow(value: Any, style: str | None = None) -> str:
    """Without quotes where YAML 1.1 wants none; with a style quoted throughout, and in ASCII."""
    text: str = yaml.safe_dump(
        [value],
        default_flow_style=True,
        default_style=style,
        allow_unicode=style is None,
        sort_keys=False,
        width=1_000_000,
    )
    return text.strip()[1:-1]


def load(path: Path) -> Any:
    """The content of a YAML file; a Fault names the line where it cannot be read."""
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), _Loader)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        raise Fault(f"{path}: no such file; run from the folder that holds it") from None
    except UnicodeDecodeError as error:
        raise Fault(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise Fault(f"{path}{where}: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Fault(f"{path}: {str(error)[:200]}; correct it") from None
    except (AttributeError, KeyError, TypeError) as error:  # as PyYAML has it of `!!bool maybe`
        raise Fault(
            f"{path}: a tag (!!) that its value does not fit ({error}); correct it"
        ) from None
