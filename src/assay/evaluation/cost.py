"""What a network costs: parameters, multiply-adds, memory."""

import resource
import sys

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def count_parameters(network: nn.Module) -> int:
    """Numbers that training finds, or found where they are frozen now."""
    return sum(parameter.numel() for parameter in network.parameters())


def multiply_adds(network: nn.Module, shape: tuple[int, int, int]) -> int:
    """Multiply-adds of convolutions and linear layers for one image.

    torch's FlopCounterMode counts each as two operations.
    """
    device = next(network.parameters()).device
    mode = network.training
    network.eval()
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, *shape, device=device))
    network.train(mode)
    return counter.get_total_flops() // 2


def peak_memory(device: torch.device) -> tuple[int, str]:
    """Most bytes held so far, and by what: the `device` (CUDA's tensors) or the `process`."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device), "device"
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): kilobytes on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, "process"


def forget_peak(device: torch.device) -> None:
    """Begin the `device`'s peak anew; that of a process cannot be."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
