"""Grad-CAM (Selvaraju et al., arXiv:1610.02391): where in an image a network found a class.

The maps of a layer are weighed by the mean gradient of the class's logit with respect to each, and
added up; what speaks against the class is cut off.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float, Int
from torch import Tensor, nn

from assay.models.blocks import BLOCKS

LEAST = 7  # pixels that a map has at least on either side, where there is one


class Place(NamedTuple):
    """The output of a module the so-manieth time that it runs in a forward pass."""

    module: nn.Module
    time: int


@torch.no_grad()
def deepest_maps(network: nn.Module, images: Float[Tensor, "n c h w"]) -> Place:
    """The last output that is maps of 7x7 or more, else the last of the largest that there are.

    Of residual blocks the whole counts, not what happens inside.
    """
    seen: list[tuple[int, Place]] = []
    times: dict[nn.Module, int] = {}

    def watch(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        times[module] = times.get(module, -1) + 1
        if isinstance(output, Tensor) and output.ndim == 4 and module is not network:
            seen.append((min(output.shape[2:]), Place(module, times[module])))

    blocks = [part for part in network.modules() if isinstance(part, BLOCKS)]
    inside = {inner for block in blocks for inner in block.modules()} - {*blocks}
    outside = [part for part in network.modules() if part not in inside]
    hooks = [part.register_forward_hook(watch) for part in outside]
    try:
        network(images[:1])
    finally:
        for hook in hooks:
            hook.remove()
    wanted = min(LEAST, max(side for side, _ in seen))
    return [place for side, place in seen if side >= wanted][-1]


def grad_cam(
    network: nn.Module, images: Float[Tensor, "n c h w"], classes: Int[Tensor, " n"], place: Place
) -> Float[Tensor, "n h w"]:
    """How much each pixel spoke for the class, from 0 to 1; all 0 where nothing did.

    The maps are enlarged to the images bilinearly. The network is in evaluation mode.
    """
    found: list[Tensor] = []

    def keep(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        found.append(output)
        return output.clone()  # which may be changed in place

    hook = place.module.register_forward_hook(keep)
    try:
        with torch.enable_grad():
            logits = network(images.detach().requires_grad_())
            maps = found[place.time]
            own = logits.gather(1, classes[:, None]).sum()
            (slopes,) = torch.autograd.grad(own, maps)
    finally:
        hook.remove()
    weights = slopes.mean((2, 3), keepdim=True)
    heat = F.relu((weights * maps).sum(1, keepdim=True)).detach()
    heat = F.interpolate(heat, images.shape[2:], mode="bilinear", align_corners=False)[:, 0]
    return heat / heat.amax((1, 2), keepdim=True).clamp_min(torch.finfo(heat.dtype).tiny)
