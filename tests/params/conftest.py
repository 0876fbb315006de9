"""The line that is told where values are put into a small experiment."""

from collections.abc import Callable
from typing import Any

import pytest

from assay.fault import Fault
from assay.params.experiment import understand


def _put(params: dict[str, Any], key: str, value: Any) -> None:
    """Set the value at a path like `model.norm`."""
    *path, last = key.split(".")
    for step in path:
        params = params.setdefault(step, {})
    params[last] = value


@pytest.fixture
def told(params: dict[str, Any]) -> Callable[[dict[str, Any]], str]:
    """What a Fault says where values are put at keys like `model.norm`, without the file's name."""

    def told(changes: dict[str, Any]) -> str:
        for key, value in changes.items():
            _put(params, key, value)
        with pytest.raises(Fault) as fault:
            understand(params, "params.yaml")
        line = str(fault.value)
        assert "\n" not in line
        assert line.startswith("params.yaml: ")
        return line.removeprefix("params.yaml: ")

    return told
