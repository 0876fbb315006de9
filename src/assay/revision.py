"""The commit that a result comes from, and whether more than results differs from it."""

import subprocess

NO_COMMIT = "none"  # what is said outside of git
CHANGED = ", with uncommitted changes"  # and what, where more than results differs
RESULTS = ("**/metrics/**", "**/reports/**", "**/dvc.lock")  # what a run itself records


def revision() -> str:
    """The commit checked out, and whether something but the results of a run differs from it."""
    known = git("rev-parse", "HEAD") or NO_COMMIT
    apart = [f":(top,exclude,glob){pattern}" for pattern in RESULTS]
    differs = git("status", "--porcelain", "--", ":(top)", *apart)
    return f"{known}{CHANGED}" if differs else known


def git(*words: str) -> str:
    """What a command of git's says; nothing where it fails, or where there is no git."""
    command = ["git", "--no-optional-locks", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
