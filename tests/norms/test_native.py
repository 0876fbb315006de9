"""Laws of kept machine code: a change in any source makes it stale, and no cache is no obstacle."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core.caching import IndexDataCacheFile

import assay
from assay.norms import native

MEAN = """
import torch
from assay.norms.planes import moments
images = torch.full((1, 2, 3, 3), 5.0).contiguous(memory_format=torch.channels_last)
print(moments(images)[0].flatten().tolist())
"""


def mean(source, cache, script=MEAN):
    more = {"PYTHONPATH": str(source), "XDG_CACHE_HOME": str(cache), "HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_file_with_kernels_is_among_the_sources():
    folder = Path(native.__file__).parent
    with_kernels = {
        one for one in folder.glob("*.py") if "assay.norms.native" in one.read_text()
    } | {folder / "native.py"}
    assert with_kernels <= set(native.SOURCES)


@pytest.mark.parametrize("cache", ["cache", "/proc/nowhere"])
def test_a_change_in_what_kernels_call_compiles_anew_wherever_it_is_kept(tmp_path, cache):
    shutil.copytree(Path(assay.__file__).parent, tmp_path / "assay")
    cache = tmp_path / cache
    assert mean(tmp_path, cache) == "[5.0, 5.0]"
    rows = tmp_path / "assay/norms/rows.py"
    text = rows.read_text()
    assert "mean[a] += step\n" in text
    rows.write_text(text.replace("mean[a] += step\n", "mean[a] += step + 1\n"))
    assert mean(tmp_path, cache) == "[6.0, 6.0]"


def test_damaged_machine_code_is_compiled_again(tmp_path):
    source = Path(assay.__file__).parents[1]
    assert mean(source, tmp_path) == "[5.0, 5.0]"
    kept = list(tmp_path.rglob("*.nb[ci]"))
    assert {one.suffix for one in kept} == {".nbi", ".nbc"}
    for suffix, damage in ((".nbi", lambda old: old[:40]), (".nbc", lambda old: b"nothing")):
        for file in kept:
            if file.suffix == suffix:
                file.write_bytes(damage(file.read_bytes()))
        assert mean(source, tmp_path) == "[5.0, 5.0]"


def test_machine_code_for_other_types_is_not_taken(tmp_path):
    """As two processes leave it that write an index at once."""
    source = Path(assay.__file__).parents[1]
    assert mean(source, tmp_path) == "[5.0, 5.0]"
    double = MEAN.replace("5.0)", "5.0, dtype=torch.float64)")
    assert mean(source, tmp_path, double) == "[5.0, 5.0]"
    pairs = {}
    for file in tmp_path.rglob("*moments*.nbc"):
        pairs.setdefault(file.name.rsplit(".", 2)[0], []).append(file)
    swapped = [files for files in pairs.values() if len(files) == 2]
    assert swapped
    for one, other in swapped:
        first, second = one.read_bytes(), other.read_bytes()
        one.write_bytes(second)
        other.write_bytes(first)
    assert mean(source, tmp_path) == "[5.0, 5.0]"


def test_a_disk_that_is_full_is_no_obstacle(monkeypatch):
    def full(*words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(IndexDataCacheFile, "_save_index", full)
    monkeypatch.setattr(IndexDataCacheFile, "_save_data", full)

    def double(values):
        for place in range(len(values)):
            values[place] *= 2

    values = np.arange(3.0)
    native.kernel(double)(values)
    assert values.tolist() == [0.0, 2.0, 4.0]
