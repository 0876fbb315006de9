"""Every random number of a run from its seed: one stream for each purpose and epoch."""

import hashlib

import torch


def stream(seed: int, purpose: str, epoch: int = 0, device: str = "cpu") -> torch.Generator:
    """A generator that depends on nothing but these."""
    return torch.Generator(device).manual_seed(number(seed, purpose, epoch))


def number(seed: int, purpose: str, epoch: int = 0) -> int:
    """A 63-bit seed; neighbours have nothing in common."""
    digest = hashlib.sha256(f"{seed} {purpose} {epoch}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
