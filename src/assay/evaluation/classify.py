"""A saved network applied to packed images: probabilities, and how fast they came."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int

from assay.data.batches import Batches
from assay.data.normalise import Normaliser
from assay.data.packed import Packed
from assay.device import layout, prepared
from assay.evaluation.gradcam import deepest_maps, grad_cam
from assay.evaluation.predict import Plain, logits
from assay.evaluation.views import View
from assay.fault import Fault, must_be_one_of
from assay.models.saved import load, load_network
from assay.refusals import refusals


class Classifier:
    """A saved network with the precision and threads of its plan."""

    def __init__(
        self, folder: Path, weights: str, batch_size: int, device: str | None = None
    ) -> None:
        """`weights`: last, best or a kept epoch's, as epoch-010; `device` None is the plan's."""
        self.folder, self.batch_size = folder, batch_size
        self.saved = load(folder)
        must_be_one_of(weights, self.saved.epochs, f"{folder}: no weights")
        self.epoch = self.saved.epochs[weights]
        to = self.saved.plan.train
        self._device, self._precision = prepared(to, device, training=False)
        self._memory = to.resident_gb
        with refusals(self._device, "free some of it, or hide the GPU: CUDA_VISIBLE_DEVICES="):
            network = load_network(folder, self.saved, weights, self._device)
            self._network = network.to(memory_format=layout(to))
        kind = self.saved.plan.normalise
        self._plain = Normaliser(kind, self.saved.meta, self._device, layout(to))
        self.images, self.seconds = 0, 0.0

    def probabilities(self, packed: Packed) -> Float[np.ndarray, "n k"]:
        """Softmax of the logits, in fp32; a Fault where one is not finite."""
        started = time.perf_counter()
        shares = self._shares(packed, self._plain)
        self.seconds += time.perf_counter() - started
        self.images += len(shares)
        return shares

    def averaged(
        self, packed: Packed, views: Sequence[View], first: Float[np.ndarray, "n k"]
    ) -> Float[np.ndarray, "n k"]:
        """The mean of the probabilities over an image's views; `first` has those of the first."""

        def seen(view: View) -> Plain:
            return lambda pixels: self._plain(view(pixels))

        found = [first, *(self._shares(packed, seen(view)) for view in views[1:])]
        mean: Float[np.ndarray, "n k"] = np.mean(found, axis=0)
        return mean

    def _shares(self, packed: Packed, plain: Plain) -> Float[np.ndarray, "n k"]:
        if not len(packed.labels):
            return np.zeros((0, len(self.saved.classes)), np.float32)
        with refusals(self._device, f"lower evaluate.batch_size ({self.batch_size})"):
            found = logits(
                self._network,
                Batches([packed], self._device, memory=self._memory),
                batch_size=self.batch_size,
                precision=self._precision,
                plain=plain,
            )
            shares: Float[np.ndarray, "n k"] = torch.softmax(found, 1).cpu().numpy()
        if not np.isfinite(shares).all():
            raise Fault(f"{self.folder}: the network gives no finite numbers; train again")
        return shares

    def heat(self, packed: Packed, classes: Int[np.ndarray, " n"]) -> Float[np.ndarray, "n h w"]:
        """Where in each image the network finds a class, from 0 to 1 (Grad-CAM), in fp32."""
        wanted = torch.tensor(classes, dtype=torch.int64, device=self._device)
        done, found = 0, []
        with refusals(self._device, f"lower evaluate.batch_size ({self.batch_size})"):
            for pixels, _ in Batches([packed], self._device).ordered(self.batch_size):
                images = self._plain(pixels)
                place = deepest_maps(self._network, images)
                own = wanted[done : done + len(images)]
                found.append(grad_cam(self._network, images, own, place).cpu().numpy())
                done += len(images)
        return np.concatenate(found)

    @property
    def images_per_second(self) -> float:
        """From packed pixels to probabilities, the slower first batch included."""
        return self.images / self.seconds
