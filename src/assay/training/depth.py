"""The scale of activations and of gradients by depth, before the first step is taken."""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

from assay.data.prepare import Targets
from assay.models.start import train_mode


class Scale(NamedTuple):
    """What one layer gives in a batch, and how much the loss hangs on it.

    `activation` is the root mean square of the layer's output, before any norm: sqrt(mean(y²)).
    `gradient` is the length of an image's gradient, sqrt(mean_i |dl_i/dy|²) over images i with
    losses l_i. Without norms, initial weights of variance 2 / fan-in keep both through ReLU layers;
    pooling by maximum keeps the length, which a mean over the plane's values would not. A norm
    takes the scale of what comes in away, and with it the gradient's: behind one, each block
    begins anew.
    """

    depth: int
    layer: str
    activation: float
    gradient: float


def scales_by_depth(
    network: nn.Module, inputs: Float[Tensor, "n c h w"], targets: Targets
) -> list[Scale]:
    """The scale at every convolution and linear layer in the order in which they run.

    In training mode and in fp32, forward and backward; parameters and running statistics stay as
    they are and no parameter gets a gradient. Of what overflows the scale is infinite or NaN.
    """
    activations: dict[str, float] = {}
    gradients: dict[str, float] = {}

    def watch(name: str, output: Tensor) -> None:
        activations[name] = _length(output) / math.sqrt(output.numel())
        # a hook on the tensor: what is then done to it in place comes after it in the backward pass
        output.register_hook(lambda gradient: gradients.update({name: _length(gradient)}))

    hooks = [
        layer.register_forward_hook(lambda _, __, output, name=name: watch(name, output))
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
    try:
        loss, inputs = _loss(network, inputs, targets)
        torch.autograd.grad(loss, inputs)  # passes every layer, computes none of their weights'
    finally:
        for hook in hooks:
            hook.remove()
    per_image = math.sqrt(len(inputs))  # the loss is a mean: its gradient is dl_i / n
    return [
        Scale(depth, name, activation, per_image * gradients.get(name, 0.0))
        for depth, (name, activation) in enumerate(activations.items(), start=1)
    ]


def _loss(network: nn.Module, inputs: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
    """The mean loss, and the inputs as a leaf that a gradient can be taken to."""
    leaf = inputs.detach().requires_grad_()
    running = {name: buffer.clone() for name, buffer in network.named_buffers()}
    train_mode(network)
    logits = functional_call(network, running, (leaf,))
    return F.cross_entropy(logits.float(), targets), leaf


def _length(values: Tensor) -> float:
    """Root of the sum of squares, in fp64 where there is one: squares leave fp32's range early."""
    wide = torch.float32 if values.device.type == "mps" else torch.float64
    return float(torch.linalg.vector_norm(values.detach(), dtype=wide))
