"""Where the numbers come from: revision, data, versions, machine."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from assay.revision import revision

PACKAGES = ("torch", "torchvision", "numpy", "pandas", "scikit-learn", "scipy", "dvc", "mlflow")


def reported() -> dict[str, Any]:
    """By what the report is being made."""
    return {
        "revision": revision(),
        "experiment": os.environ.get("DVC_EXP_NAME", ""),
        "platform": f"{platform.platform()}, Python {platform.python_version()}",
        "packages": {name: installed(name) for name in PACKAGES},
    }


def provenance(data: dict[str, Any], cost: dict[str, Any]) -> dict[str, str]:
    """What a reader needs to find the same numbers again, by name."""
    source, by = data["source"], cost["reported"]
    found = {
        "Trained at revision": trained_words(cost),
        "Reported at revision": _short(by["revision"]),
        "DVC experiment": by["experiment"],
        "Data": f"{source['format']}, {source['path']}",
        "Data hash (SHA-256)": source["hash"],
        "Trained on": "; ".join(machine_words(machine) for machine in cost["machines"]),
        "Reported on": by["platform"],
        "Packages": ", ".join(f"{name} {by['packages'][name]}" for name in PACKAGES),
    }
    return {name: words for name, words in found.items() if words}


def trained_words(cost: dict[str, Any]) -> str:
    """The revisions whose code trained."""
    return "; ".join(_short(one) for one in cost["revisions"])


def _short(revision: str) -> str:
    """A commit by its first digits, and what is said of it."""
    return re.sub(r"\b([0-9a-f]{10})[0-9a-f]{30}\b", r"\1", revision)


def machine_words(machine: dict[str, Any]) -> str:
    """One machine in one line."""
    cores = f"{machine['threads']} threads on {machine['cores']} cores"
    if machine["processes"] > 1:
        cores = f"{machine['processes']} processes of {cores}"
    versions = f"torch {machine['torch']}, Python {machine['python']}, {machine['platform']}"
    return f"{machine['name']} ({machine['device']}), {cores}, {machine['precision']}, {versions}"


def installed(package: str) -> str:
    """The installed version, found without importing the package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
