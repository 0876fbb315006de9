"""A trained network in a folder: weights as safetensors, and all that is needed to use them."""

import math
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import torch
from pydantic import AfterValidator, TypeAdapter, model_validator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from assay.fault import Fault, on_one_line
from assay.files import read_json, replacing, sha256, write_json
from assay.models import State, build
from assay.params.preprocess import Fit
from assay.params.section import Section, Shape
from assay.params.variants import Plan

CONFIG, CLASSES = "config.json", "classes.json"
META = ("shape", "source_shape", "fit", "mean", "deviation")


def _distinct(names: list[str]) -> list[str]:
    if len(set(names)) < max(2, len(names)):
        raise ValueError("two classes or more, each once, are wanted")
    return names


Classes = TypeAdapter(Annotated[list[str], AfterValidator(_distinct)])


class Config(Section):
    """What config.json holds: plan, seed, last, best and kept epochs, the training split's meta."""

    plan: Plan
    seed: int
    last_epoch: int
    best_epoch: int
    kept_epochs: list[int]
    shape: Shape
    source_shape: Shape | None
    fit: Fit
    mean: list[float]
    deviation: list[float]

    @model_validator(mode="after")
    def _agrees(self) -> "Config":
        if {len(self.mean), len(self.deviation)} != {self.shape[0]}:
            raise ValueError("mean, deviation and shape are of different numbers of channels")
        if max(self.shape[1:]) > 4096 or min(self.deviation) < 0:
            raise ValueError("sides over 4096 pixels, or a negative deviation")
        return self


class Saved(NamedTuple):
    """What a folder holds beside the weights."""

    plan: Plan
    classes: list[str]
    meta: dict[str, Any]  # shape, source_shape, fit, mean, deviation
    epochs: dict[str, int]  # of each file of weights, from 1


def save(
    network: nn.Module,
    best: State,
    config: dict[str, Any],
    meta: dict[str, Any],
    folder: Path,
    kept: Iterable[Path] = (),
) -> str:
    """Write last.safetensors, best.safetensors, config.json and classes.json; SHA-256 of the first.

    `config` holds plan, seed, last_epoch and best_epoch; `meta` is the training split's; `kept` are
    files epoch-NUMBER.safetensors, which are copied.
    """
    save_weights(network.state_dict(), folder / "last.safetensors")
    save_weights(best, folder / "best.safetensors")
    epochs = []
    for file in kept:
        epochs.append(int(file.stem.removeprefix("epoch-")))
        with replacing(folder / file.name) as beside:
            shutil.copyfile(file, beside)
    known = Config.model_validate(
        config | {"kept_epochs": epochs} | {name: meta[name] for name in META}
    )
    write_json(folder / CONFIG, known.model_dump(mode="json"))
    write_json(folder / CLASSES, meta["classes"])
    return weights_hash(folder)


def weights_hash(folder: Path) -> str:
    """SHA-256 of the last weights: the name that a run goes by."""
    return sha256(folder / "last.safetensors")


def load(folder: Path) -> Saved:
    """What was saved beside the weights; a Fault where the folder is no saved model."""
    try:
        config = Config.model_validate(read_json(folder / CONFIG))
        classes = Classes.validate_python(read_json(folder / CLASSES))
    except (OSError, ValueError) as error:
        what = "its config is not ours" if isinstance(error, ValueError) else error.strerror
        raise Fault(
            f"{folder}: no saved model ({what}); name a folder like models/NAME-0"
        ) from None
    epochs = {"last": config.last_epoch, "best": config.best_epoch}
    epochs |= {f"epoch-{epoch:03d}": epoch for epoch in config.kept_epochs}
    return Saved(config.plan, classes, config.model_dump(mode="json", include=set(META)), epochs)


def load_network(folder: Path, saved: Saved, weights: str, device: torch.device) -> nn.Module:
    """The network on `device`, in evaluation mode; `weights` is a key of `saved.epochs`."""
    with torch.device("meta"):  # names and shapes alone: nothing is drawn to be overwritten
        network = build(
            saved.plan.model, saved.meta["shape"], len(saved.classes), torch.Generator()
        )
    path = folder / f"{weights}.safetensors"
    try:
        network.load_state_dict(load_file(path), assign=True)
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = on_one_line(error)[:200]
        raise Fault(f"{path}: these weights do not load ({reason}); train again") from None
    return network.to(device, torch.float32).eval()


def save_weights(state: State, path: Path) -> None:
    """Write safetensors, each in its plain (row-major) order: equal weights are equal bytes."""
    plain = {name: value.detach().cpu().contiguous() for name, value in state.items()}
    try:
        with replacing(path) as beside:
            beside.touch()
            mode = beside.stat().st_mode
            save_file(plain, beside)
            beside.chmod(mode)  # safetensors lets nobody else read
    except SafetensorError as error:
        size = math.ceil(sum(value.nbytes for value in plain.values()) / 1e6)
        raise Fault(f"{path}: cannot be written ({error}); {size} MB must be free") from None
