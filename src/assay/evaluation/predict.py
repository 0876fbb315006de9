"""What a network says of images: logits in evaluation mode, and what follows from them."""

import itertools
from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Bool, Float, UInt8
from torch import Tensor, nn

from assay.data.batches import Batches

Plain = Callable[[UInt8[Tensor, "n c h w"]], Float[Tensor, "n c h w"]]


@torch.inference_mode()
def logits(
    network: nn.Module,
    images: Batches,
    *,
    batch_size: int,
    most: int | None = None,
    precision: torch.dtype,
    plain: Plain,
) -> Float[Tensor, "n k"]:
    """Logits of all images in order, or of `most` batches, in fp32, on the images' device."""
    network.eval()
    device = images.labels.device.type
    found = []
    for pixels, _ in itertools.islice(images.ordered(batch_size), most):
        inputs = plain(pixels)
        with torch.autocast(device, precision, precision != torch.float32):
            found.append(network(inputs).float())
    return torch.cat(found)


def losses_and_hits(
    network: nn.Module,
    images: Batches,
    *,
    batch_size: int,
    most: int | None = None,
    precision: torch.dtype,
    plain: Plain,
) -> tuple[Float[Tensor, " n"], Bool[Tensor, " n"]]:
    """Cross-entropy of each labelled image, and whether its class was found; as in `logits`."""
    scores = logits(
        network, images, batch_size=batch_size, most=most, precision=precision, plain=plain
    )
    labels = images.labels[: len(scores)]
    return F.cross_entropy(scores, labels, reduction="none"), scores.argmax(1) == labels
