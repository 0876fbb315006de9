"""The device, its precision and its threads, from what params.yaml asks for and what is there."""

import os
import platform
from typing import Any

import torch

from assay.cores import cores
from assay.fault import Fault, listed
from assay.memory import keep_freed_memory
from assay.params.train import Train


def choose_device(name: str) -> torch.device:
    """`auto` takes CUDA, then MPS, then the CPU; a Fault where the named one is not there.

    Of several GPUs each process that torchrun starts takes its own.
    """
    there = [*_accelerators(), "cpu"]
    name = there[0] if name == "auto" else name
    if name not in there:
        raise Fault(
            f"params.yaml: train.device: there is no {name} here; "
            f"choose {listed(['auto', *there], 'or')}"
        )
    index = int(os.environ.get("LOCAL_RANK", "0"))
    if name == "cuda" and index >= torch.cuda.device_count():
        raise Fault(
            f"params.yaml: train.processes: here are {torch.cuda.device_count()} GPUs, and each "
            "process on a machine needs one; lower it"
        )
    return torch.device(name, index) if name == "cuda" else torch.device(name)


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """`auto` takes bf16 where the hardware multiplies it faster than fp32, else fp32."""
    if name == "fp32" or (name == "auto" and not _gains_by_bf16(device)):
        return torch.float32
    return torch.bfloat16


def use_threads(threads: int | None) -> int:
    """Use so many threads on the CPU, by default one a core, shared with torchrun's others here."""
    others = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    torch.set_num_threads(threads or max(1, cores() // others))
    return torch.get_num_threads()


def wait(device: torch.device) -> None:
    """Until a GPU has done what it was given; a CPU has."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def prepared(
    train: Train, device: str | None = None, *, training: bool = True
) -> tuple[torch.device, torch.dtype]:
    """The device (or the one named instead) and precision that a plan asks for, threads set.

    In `training` a GPU tries every way of a convolution out: elsewhere that would not pay.
    """
    chosen = choose_device(device or train.device)
    if chosen.type == "cuda":
        torch.cuda.set_device(chosen)
    use_threads(train.threads)
    keep_freed_memory()
    _repeat_exactly(chosen, wanted=train.deterministic, tries=training)
    return chosen, choose_precision(train.precision, chosen)


def layout(train: Train) -> torch.memory_format:
    """How pixels lie in memory: channels last, or plane by plane."""
    return torch.channels_last if train.channels_last else torch.contiguous_format


def machine(device: torch.device, precision: torch.dtype) -> dict[str, Any]:
    """What a timing must be read with."""
    cuda = device.type == "cuda"
    return {
        "device": device.type,
        "name": torch.cuda.get_device_name(device) if cuda else _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "precision": "bf16" if precision == torch.bfloat16 else "fp32",
        "torch": torch.__version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def _repeat_exactly(device: torch.device, *, wanted: bool, tries: bool) -> None:
    """Let a GPU add up in a fixed order, or choose its fastest convolutions; CPUs always repeat."""
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = tries and not wanted
        if wanted:
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    if torch.are_deterministic_algorithms_enabled() != wanted:  # loads torch's compiler: seconds
        torch.use_deterministic_algorithms(wanted)


def _accelerators() -> list[str]:
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [name for name, there in found.items() if there]


def _gains_by_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        # Without AMX, Intel's bf16 instructions do half of what its fp32 ones do; AMD's do twice.
        amd = _cpuinfo("vendor_id") == "AuthenticAMD"
        return torch.cpu._is_amx_tile_supported() or (amd and torch.cpu._is_avx512_bf16_supported())
    return False


def _processor() -> str:
    """The processor's name; platform.processor() says only its architecture on Linux."""
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _cpuinfo(key: str) -> str | None:
    """What Linux says of the first core, or None."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 (not a real file)
            found = (line.partition(":") for line in lines)
            return next((value.strip() for name, _, value in found if name.strip() == key), None)
    except OSError:
        return None
