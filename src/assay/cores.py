"""How many cores this process may use."""

import joblib


def cores() -> int:
    """The cores that the system lets this process run on, or a container's share of their time."""
    return int(joblib.cpu_count())
