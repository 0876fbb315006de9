"""The files that variants start from: that they are there, and what their content is.

Weights lie in a folder that `plan` depends on, and their hash stands in the plan: so a variant
trains again exactly when the content of its own file has changed.
"""

import functools
import shlex
from pathlib import Path

from assay.fault import Fault
from assay.files import sha256
from assay.params.variants import Plan


def with_hashes(plans: dict[str, Plan], source: str) -> dict[str, Plan]:
    """The plans with the hash of each one's weights; a Fault where a file cannot be read."""
    known = functools.cache(content_hash)
    found = {}
    for name, plan in plans.items():
        file = plan.model.weights
        try:
            digest = known(Path(file)) if file else None
        except Fault as fault:
            raise Fault(f"{source}: model.weights of {name}: {fault}") from None
        found[name] = plan.model_copy(update={"weights_hash": digest})
    return found


def content_hash(file: Path) -> str:
    """SHA-256 of a weight file, in hexadecimal; a Fault where it is none that DVC hashes too."""
    if not file.is_file():
        if file.is_dir():
            raise Fault(f"{file} is a folder; name a file in it")
        quoted = shlex.quote(str(file))
        raise Fault(
            f"{file} is no file; put it there and `dvc add {quoted}`, or `dvc checkout {quoted}`"
        )
    if file.parent.resolve() != Path.cwd().resolve() / file.parent:
        raise Fault(f"{file} lies in a linked folder, which DVC passes over; copy the file itself")
    return sha256(file)
