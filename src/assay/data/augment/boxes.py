"""Boxes as planes of 0 and 1."""

import torch
from jaxtyping import Float
from torch import Tensor

Each = Float[Tensor, " n"]


def boxes(
    top: Each, left: Each, bottom: Each, right: Each, size: tuple[int, int]
) -> Float[Tensor, "n 1 h w"]:
    """1 in rows from `top` to before `bottom` and columns from `left` to before `right`, else 0."""
    rows = torch.arange(size[0], device=top.device)
    columns = torch.arange(size[1], device=top.device)
    down = (rows >= top[:, None]) & (rows < bottom[:, None])  # n h
    across = (columns >= left[:, None]) & (columns < right[:, None])  # n w
    return down.float()[:, None, :, None] * across.float()[:, None, None, :]
