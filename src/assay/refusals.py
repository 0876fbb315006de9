"""What a device refuses, memory or a way to repeat itself, told in one line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from assay.fault import Fault

_ASKED = re.compile(r"[Tt]ried to allocate ([\d.]+ ?\w+)")
_SHORT = re.compile(r"can't allocate memory|out of memory|_ALLOC_FAILED")  # CPU; MPS, CUDA; cuBLAS
_INEXACT = re.compile(r"(\S+) does not have a deterministic implementation")


class Shortage(Fault):
    """Memory that is not there, which one of several processes may lack alone."""


@contextmanager
def refusals(device: torch.device, mend: str) -> Iterator[None]:
    """Turn a device's or the system's refusal into a Fault; of memory it ends in `mend`."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if inexact := _INEXACT.search(str(error)):
            raise Fault(
                f"train.deterministic: {inexact[1]} cannot repeat itself exactly on {device.type}; "
                "set it to false, or choose another model.arch or augmentation"
            ) from None
        if not _is_shortage(error):
            raise
        asked = _ASKED.search(str(error))
        more = f" (asked for {asked[1]} more{_there(device)})" if asked else ""
        raise Shortage(f"out of memory on {device.type}{more}; {mend}") from None


def _is_shortage(error: Exception) -> bool:
    kinds = (torch.OutOfMemoryError, MemoryError)
    return isinstance(error, kinds) or _SHORT.search(str(error)) is not None


def _there(device: torch.device) -> str:
    if device.type != "cuda":
        return ""
    free, total = torch.cuda.mem_get_info(device)
    return f", {free / 2**30:.1f} of {total / 2**30:.1f} GiB free"
