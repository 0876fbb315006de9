"""Every random number of a run from its seed: one stream for each purpose and place."""

import hashlib

import torch


def stream(seed: int, purpose: str, *place: int) -> torch.Generator:
    """A generator that depends on nothing but these; `place` is an epoch, say."""
    return torch.Generator().manual_seed(number(seed, purpose, *place))


def number(seed: int, purpose: str, *place: int) -> int:
    """A 63-bit seed; neighbours have nothing in common."""
    words = " ".join(map(str, place or (0,)))
    digest = hashlib.sha256(f"{seed} {purpose} {words}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def reseed(device: torch.device, value: int) -> None:
    """Seed what draws without a generator of ours: dropout."""
    if device.type == "cpu":
        torch.default_generator.manual_seed(value)
    elif device.type == "cuda":
        torch.cuda.manual_seed(value)
    else:
        torch.manual_seed(value)
