"""Processes that train one network together: each has a part of every batch, all equal weights.

Plain DistributedDataParallel in what torchrun starts; alone, everything here does nothing.
"""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from assay.fault import Fault
from assay.refusals import Shortage
from assay.starter import TORCHRUN

T = TypeVar("T")
PATIENCE = timedelta(hours=2)  # the others wait while the first one validates
STEP = "240"  # seconds that a step may still take after an interruption


class Team(NamedTuple):
    """Process `rank` of `size`; the first one leads: it alone validates, tells and writes."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the first process."""
        return self.rank == 0

    def part(self, values: Tensor) -> Tensor:
        """The rows of a batch that are for this process."""
        rows = len(values) // self.size
        return values[self.rank * rows : (self.rank + 1) * rows]

    def mean(self, values: Tensor) -> Tensor:
        """The mean over the processes; on CUDA nothing waits for it."""
        if self.size > 1:
            dist.all_reduce(values)
            values /= self.size
        return values

    def told(self, find: Callable[[], T]) -> T:
        """What the first process finds, which alone looks."""
        if self.size == 1:
            return find()
        held = [find() if self.leads else None]
        dist.broadcast_object_list(held)
        found: T = held[0]  # type: ignore[assignment]
        return found

    def joined(self, network: nn.Module) -> nn.Module:
        """The network whose backward pass leaves the same gradients in every process."""
        return network if self.size == 1 else DistributedDataParallel(network)

    def apart(self, network: nn.Module) -> AbstractContextManager[Any]:
        """Within it gradients of a joined network only add up in each process."""
        return network.no_sync() if isinstance(network, DistributedDataParallel) else nullcontext()


ALONE = Team()


def started() -> bool:
    """Whether torchrun has started this process."""
    return TORCHRUN in os.environ


@contextmanager
def team(processes: int, device: torch.device) -> Iterator[Team]:
    """The processes that a plan asks for, or a Fault where others were started."""
    there = int(os.environ.get("WORLD_SIZE", "1")) if started() else 1
    if there != processes:
        raise Fault(
            f"params.yaml: train.processes: {processes} are asked for, and torchrun has started "
            f"{there}; make the two equal"
        )
    if processes == 1:
        yield ALONE
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield Team(dist.get_rank(), processes)
    except RuntimeError as error:
        if not _is_lost(error):
            raise
        return  # another process has ended, and says why
    finally:
        dist.destroy_process_group()


@contextmanager
def said_by_another() -> Iterator[None]:
    """For all processes but the first: its Faults are theirs, but for memory that is short here."""
    try:
        yield
    except Fault as fault:
        if isinstance(fault, Shortage):
            raise


def _is_lost(error: RuntimeError) -> bool:
    return isinstance(error, dist.DistError) or "gloo" in str(error)


def run_again(processes: int) -> None:
    """Run this script in so many processes on this machine; they say what goes wrong, and how."""
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.disable()  # of this process, which only starts others
    os.environ.setdefault("TORCH_ELASTIC_SHUTDOWN_TIMEOUT", STEP)
    try:
        with tempfile.TemporaryDirectory() as folder:
            config = LaunchConfig(
                min_nodes=1,
                max_nodes=1,
                nproc_per_node=processes,
                run_id=str(os.getpid()),
                rdzv_backend="c10d",
                rdzv_endpoint="localhost:0",
                max_restarts=0,
                logs_specs=DefaultLogsSpecs(log_dir=folder),
            )
            elastic_launch(config, sys.executable)(*sys.argv)
    except SignalException:
        sys.exit(1)
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        killed = f"error: process {rank} was killed ({failure.signal_name()}); "
        sys.exit(f"{killed}the same command goes on" if failure.exitcode < 0 else 1)
