"""The benchmark for GPUs runs at a small size where there is none."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

RESULTS = Path("benchmarks/results.json")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there it would take minutes")
def test_the_benchmark_for_gpus_runs_on_a_cpu_and_records_nothing_there(tmp_path):
    before = RESULTS.read_bytes()
    words = ["benchmarks/gpu.py", "--only", "n=2", "--modes", "none", "default", "--out"]
    words.append(str(tmp_path))
    broken = {"CXX": "/nonexistent", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, *words],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | broken,
    )
    assert "left out: cifar_resnet n=2, 8 of 64x64, compile default" in done.stdout
    found = json.loads((tmp_path / "gpu.json").read_text())
    [row] = found["rows"]
    assert row["name"] == "cifar_resnet n=2, 8 of 64x64, batch 4, compile none"
    assert row["machine"]["device"] == "cpu"
    assert all(rate > 0 for rate in found["rates"].values())
    # six operations for each multiply-add of the network: 3x3 convolutions, two projections, fc
    planes = [(64 * 64, 16), (32 * 32, 32), (16 * 16, 64)]
    adds = 64 * 64 * 27 * 16 + sum(4 * 9 * c * c * p for p, c in planes) + 640
    adds -= sum(9 * c * c // 2 * p for p, c in planes[1:])  # the first of a stage has half as many
    adds += sum(c * c // 2 * p for p, c in planes[1:])
    seconds = row["arithmetic"] * row["seconds"]
    assert math.isclose(seconds, 8 * 6 * adds / found["rates"]["operations"], rel_tol=1e-6)
    moved = row["memory"] * row["seconds"] * found["rates"]["bytes"] / 8
    assert moved > 3 * 2 * sum(8 * c * p for p, c in planes)
    assert RESULTS.read_bytes() == before
