"""How much memory there is for us."""

from pathlib import Path

import psutil

GROUP = Path("/sys/fs/cgroup")  # of Linux's control groups, version 2, as a container sees its own


def free_memory() -> int:
    """Bytes that may still be taken, of the machine's and of what a container is allowed."""
    free = int(psutil.virtual_memory().available)
    try:
        most = (GROUP / "memory.max").read_text(encoding="ascii").strip()
        taken = int((GROUP / "memory.current").read_text(encoding="ascii"))
        told = (GROUP / "memory.stat").read_text(encoding="ascii").splitlines()
    except OSError:  # no container
        return free
    if most == "max":
        return free
    read_once = sum(int(line.split()[1]) for line in told if line.startswith("inactive_file "))
    return max(0, min(free, int(most) - taken + read_once))  # files' pages go where others want in
