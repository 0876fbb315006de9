"""Weight files read without running anything in them: safetensors, and torch's own format."""

import pickle  # only the name of its error
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from assay.fault import Fault, on_one_line
from assay.models import State

PRECISIONS = {torch.float16, torch.bfloat16, torch.float32, torch.float64}


def read_weights(path: Path) -> State:
    """Tensors by name, on the CPU; a Fault where the file holds anything else."""
    state = _safetensors(path) if path.suffix == ".safetensors" else _pickled(path)
    if not isinstance(state, dict) or not state:
        what = "nothing" if isinstance(state, dict) else type(state).__name__
        raise Fault(f"{path}: holds no weights by name, but {what}; save the state dict")
    for name, value in state.items():
        if not isinstance(name, str) or type(value) not in {Tensor, torch.nn.Parameter}:
            raise Fault(
                f"{path}: holds more than tensors by name: {str(name)[:60]!r} is "
                f"{type(value).__name__}; save the state dict alone"
            )
        if value.layout != torch.strided or value.is_quantized or value.device.type != "cpu":
            raise Fault(f"{path}: {name[:60]!r} is no plain tensor; save it as float32 on the CPU")
        if value.is_floating_point() and value.dtype not in PRECISIONS:
            raise Fault(f"{path}: {name[:60]!r} is {value.dtype}; save it as float32")
    return state


def _safetensors(path: Path) -> State:
    try:
        return load_file(path)
    except (SafetensorError, ValueError, MemoryError, KeyError) as error:
        raise _damaged(path, error) from None


def _pickled(path: Path) -> Any:
    """What `torch.save` wrote: its unpickler knows tensors and plain values, and calls nothing."""
    _must_not_grow(path)
    try:
        with warnings.catch_warnings(action="ignore"):
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # a damaged pickle can raise whatever its opcodes do
        named = re.search(r"(?:GLOBAL|function|class|global) ([\w.]+\.[\w.]+)", str(error))
        if isinstance(error, pickle.UnpicklingError) and named:
            raise Fault(
                f"{path}: wants to call {named[1]}, and no code of a weight file is run; "
                "save the state dict alone"
            ) from None
        raise _damaged(path, error) from None


def _must_not_grow(path: Path) -> None:
    """Refuse an archive that unpacks to more than it is: torch stores, and never compresses."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _damaged(path, error) from None
    if unpacked > path.stat().st_size:
        raise Fault(f"{path}: a compressed archive, which torch.save does not write; save it again")


def _damaged(path: Path, error: Exception) -> Fault:
    told = on_one_line(error).rpartition("WeightsUnpickler error: ")[2][:100]
    why = f"{type(error).__name__}: {told}" if told else type(error).__name__
    return Fault(f"{path}: no weights can be read ({why}); copy or download it again")
