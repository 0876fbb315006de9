"""The commit that a result comes from, and whether more than results differs from it."""

import subprocess

NO_COMMIT = "none"  # what is said outside of git
RESULTS = ("**/metrics/**", "**/reports/**", "**/dvc.lock")  # what a run itself records


def commit() -> str:
    """The commit checked out; empty outside of git."""
    return _git("rev-parse", "HEAD")


def is_dirty() -> bool:
    """Whether something but the results of a run differs from the commit."""
    apart = [f":(top,exclude,glob){pattern}" for pattern in RESULTS]
    return bool(_git("status", "--porcelain", "--", ":(top)", *apart))


def revision() -> str:
    """The commit, and whether something but the results differs from it."""
    known = commit() or NO_COMMIT
    return f"{known}, with uncommitted changes" if is_dirty() else known


def _git(*words: str) -> str:
    command = ["git", "--no-optional-locks", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
