"""What is told where memory is short."""

import pytest
import torch

from assay.fault import Fault
from assay.refusals import refusals

CPU = torch.device("cpu")


def test_what_the_system_refuses_is_told_with_what_to_lower():
    with (
        pytest.raises(Fault, match=r"^out of memory on cpu \(asked for \d+ bytes more\); lower x$"),
        refusals(CPU, "lower x"),
    ):
        torch.empty(2**55)


@pytest.mark.parametrize("error", [
    MemoryError(), torch.OutOfMemoryError("CUDA out of memory."),
    RuntimeError("CUDA error: out of memory"), RuntimeError("MPS backend out of memory"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
])  # fmt: skip
def test_other_words_for_it_are_understood(error):
    with pytest.raises(Fault, match=r"^out of memory on cpu; lower x$"), refusals(CPU, "lower x"):
        raise error


def test_a_devices_words_are_understood():
    told = "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 79 GiB"
    with pytest.raises(Fault, match=r"asked for 2\.50 GiB more"), refusals(CPU, "lower x"):
        raise torch.OutOfMemoryError(told)


def test_other_mistakes_stay_what_they_are():
    with pytest.raises(RuntimeError, match="shapes"), refusals(CPU, "lower x"):
        raise RuntimeError("shapes do not fit")
