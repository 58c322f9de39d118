"""Demo towns made once for the whole run."""

from functools import cache

from data.demo.rows import Town
from data.demo.town import make_town


@cache
def demo_town(seed: int = 1) -> Town:
    """Lend the demo town of a seed; nobody can change it."""
    return make_town(seed)
