"""What a step of training spends its time on, and whether it waits for the device.

A few steps in the middle of an epoch under torch.profiler, in the precision that `auto` takes; self
time of operations by kind, percent. `waits` counts the operations that hand a number to Python
(`aten::_local_scalar_dense`, `cudaStreamSynchronize` and the like), but for those within torch's
Adam for CPUs, which reads its step count so. Writes benchmarks/PROFILE.md.
"""

import argparse
import re
from pathlib import Path
from typing import Any

import torch
from measure import alone
from torch.profiler import ProfilerActivity, profile
from training import CASES, Case, plan_of, stored

from assay.device import choose_precision, machine, prepared
from assay.files import write_text
from assay.training.run import assembled

PAGE = Path("benchmarks/PROFILE.md")
FIRST, LAST = 1, 3  # steps: profiled are those between
KINDS = {
    "convolutions": r"conv",
    "matrices": r"addmm|::mm|linear",
    "norms": r"_Normalise|_Alone|_Rescale|norm",
    "optimiser": r"adam|sgd|foreach|Optimizer",
    "casts, copies": r"copy|_to$|::to|fill|zero|empty|cat|clone|contiguous",
    "pooling": r"pool",
}
WAITS = re.compile(r"_local_scalar_dense|aten::item|nonzero|Synchronize")


def profiled(case: Case, folder: Path | None) -> dict[str, Any]:
    """Percent of the time by kind, milliseconds of a step, and how often it waited."""
    plan = plan_of(case, "auto")
    device, _ = prepared(plan.train)
    packed = stored(case._replace(images=case.batch * (LAST + 2)), folder)
    training = assembled(plan, 0, packed, packed.emptied()).training
    kinds = [ProfilerActivity.CPU]
    if device.type == "cuda":
        kinds.append(ProfilerActivity.CUDA)
    watch, steps = profile(activities=kinds), [0]

    def after_step(_: int) -> None:
        steps[0] += 1
        if steps[0] == FIRST:
            watch.__enter__()
        if steps[0] == LAST:
            watch.__exit__(None, None, None)

    next(training.run(after_step))
    return _summed(watch, device)


def _summed(watch: profile, device: torch.device) -> dict[str, Any]:
    found = dict.fromkeys([*KINDS, "the rest"], 0.0)
    for event in watch.key_averages():
        spent = event.self_device_time_total if device.type == "cuda" else event.self_cpu_time_total
        kind = next((name for name, words in KINDS.items() if re.search(words, event.key)), None)
        found[kind or "the rest"] += spent
    whole = sum(found.values())
    shares = {name: 100 * spent / whole for name, spent in found.items()}
    waits = sum(WAITS.search(event.name) is not None for event in watch.events() if _asked(event))
    return {"shares": shares, "ms": whole / 1000 / (LAST - FIRST), "waits": waits}


def _asked(event: Any) -> bool:
    """Whether an operation is ours, and not a part of torch's Adam for CPUs."""
    while event is not None:
        if "_fused_adam" in event.name:
            return False
        event = event.cpu_parent
    return True


def main() -> None:
    words = argparse.ArgumentParser(description="what a step spends its time on")
    words.add_argument("--images", type=Path)
    folder = words.parse_args().images
    heads = [*KINDS, "the rest"]
    lines = [f"| step of | ms | {' | '.join(heads)} | waits |", f"|{' --- |' * (len(heads) + 3)}"]
    for case in CASES:
        found = alone(profiled, case, folder)
        cells = [f"{found['shares'][name]:.0f}" for name in heads]
        lines.append(
            f"| {case.name} | {found['ms']:.0f} | {' | '.join(cells)} | {found['waits']} |"
        )
        print(lines[-1], flush=True)
    device, _ = prepared(plan_of(CASES[0], "auto").train)
    about = machine(device, choose_precision("auto", device))
    told = ", ".join(f"{key} {value}" for key, value in about.items())
    text = (__doc__ or "").partition("\n\n")[2].replace("\n", " ").strip()
    table = "\n".join(lines)
    page = f"# Profile\n\n{text}\n\n{table}\n\n`python benchmarks/profile_step.py`: {told}.\n"
    write_text(PAGE, page)


if __name__ == "__main__":
    main()
