"""What a process of our own may take at the most."""

import resource

SPARE_CPU_S = 5
"""Between the signal that ends a process for its time of computing and the one that it cannot catch."""


def bound(seconds: int, megabytes: int) -> None:
    """Let this process have no more than so much memory and time of computing, and leave no core."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + SPARE_CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
