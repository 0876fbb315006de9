"""Who started this process: DVC or torchrun, which may be killed without a word to it."""

import os
from contextlib import suppress

import psutil

DVC, TORCHRUN = VARIABLES = ("DVC_STAGE", "TORCHELASTIC_RUN_ID")  # that they set


def starters() -> tuple[int, ...]:
    """The parent, and where that is a shell with one command to run, the shell's parent too.

    bash gives way to the command, dash does not. Empty where a person may have started us.
    """
    if not any(name in os.environ for name in VARIABLES):
        return ()
    parent = os.getppid()
    with suppress(psutil.Error):
        between = psutil.Process(parent)
        if between.cmdline()[-2:-1] == ["-c"]:
            return parent, between.ppid()
    return (parent,)
