"""Where a stage runs: the study's folder, the checkout around it, the repository behind that."""

import os
from pathlib import Path


def parent_root() -> Path:
    """The repository that DVC was started in, also from a `--temp` or queued run's copy of it."""
    return Path(os.environ.get("DVC_ROOT") or workspace_root()).resolve()


def workspace_root() -> Path:
    """The nearest folder above that DVC knows, else the current one."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / ".dvc").is_dir()), here)


def study() -> str:
    """The study's folder in the repository; the repository's own name for the default study."""
    inside = Path.cwd().relative_to(workspace_root())
    return inside.as_posix() if inside.parts else parent_root().name
