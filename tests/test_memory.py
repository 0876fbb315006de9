"""How much of a machine is ours."""

import psutil
import pytest

from assay import free_memory as memory
from assay.cores import cores


@pytest.fixture
def group(tmp_path, monkeypatch):
    """A container of 8 GB of which 3 are taken, 2 of them by files that were read once."""
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    monkeypatch.setattr(
        psutil, "virtual_memory", lambda: type("Memory", (), {"available": 64 * 10**9})
    )
    (tmp_path / "memory.max").write_text(f"{8 * 10**9}\n")
    (tmp_path / "memory.current").write_text(f"{3 * 10**9}\n")
    (tmp_path / "memory.stat").write_text(f"anon {10**9}\ninactive_file {2 * 10**9}\nslab 5\n")
    return tmp_path


def test_a_container_has_no_more_memory_than_it_is_allowed(group):
    assert memory.free_memory() == 7 * 10**9


@pytest.mark.parametrize("text", ["max", str(10**12), None])
def test_without_a_limit_memory_is_the_machines(group, text):
    if text is None:
        (group / "memory.max").unlink()
    else:
        (group / "memory.max").write_text(text)
    assert memory.free_memory() == 64 * 10**9


def test_a_container_that_is_full_has_none(group):
    (group / "memory.max").write_text(str(10**9))
    (group / "memory.stat").write_text("anon 5\n")
    assert memory.free_memory() == 0


def test_there_is_a_core_at_least_and_no_more_than_are_allowed(monkeypatch):
    assert 1 <= cores() <= (psutil.cpu_count() or 1)
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert cores() == 1
