"""Laws of kept machine code: a change in any source makes it stale, and no cache is no obstacle."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import assay
from assay.norms import native

MEAN = """
import torch
from assay.norms.planes import moments
images = torch.full((1, 2, 3, 3), 5.0).contiguous(memory_format=torch.channels_last)
print(moments(images)[0].flatten().tolist())
"""


def mean(source, cache):
    more = {"PYTHONPATH": str(source), "XDG_CACHE_HOME": str(cache), "HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", MEAN],
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
