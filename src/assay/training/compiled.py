"""torch.compile of the parts that repeat: what compiles for one block serves all that are alike."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

import torch
from torch import nn

from assay.fault import Fault
from assay.models.blocks import BLOCKS

P = ParamSpec("P")
R = TypeVar("R")
MOST = 64  # forms of a block: widths, strides, precisions


@contextmanager
def compiled(network: nn.Module, mode: str) -> Iterator[None]:
    """While it is entered, the blocks of a network run compiled, or all of one without blocks.

    `mode` is none or one of torch.compile's. Machine code lies in torch's own cache, so that
    another variant with such blocks, or another process, finds it there.
    """
    if mode == "none":
        yield
        return
    if not torch.cuda.is_available():  # of which torch would warn once more
        logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)
    parts: list[nn.Module] = [part for part in network.modules() if isinstance(part, BLOCKS)]
    parts = parts or [network]
    for part in parts:
        part.forward = torch.compile(part.forward, mode=mode, dynamic=False)
    from torch._dynamo import config, exc  # seconds at import

    try:
        with config.patch(recompile_limit=MOST):
            yield
    except exc.TorchDynamoException as error:
        why = str(error).strip().partition("\n")[0][:200]
        mend = "install a C++ compiler (g++), or " if "C++ compiler" in why else ""
        raise Fault(f"train.compile: {mode} fails here ({why}); {mend}set it to none") from None
    finally:
        for part in parts:
            del part.forward


def compiled_function(function: Callable[P, R], mode: str) -> Callable[P, R]:
    """The function compiled, in the parts between the random numbers that it draws."""
    if mode == "none":
        return function
    return torch.compile(function, dynamic=False)


def uncompiled(mode: str) -> AbstractContextManager[Any]:
    """Within it nothing runs compiled: for what is so rare that compiling it does not pay."""
    return nullcontext() if mode == "none" else torch.compiler.set_stance("force_eager")
