"""The ladder: how long a need stays on a rung, and when it goes on to the next."""

from dataclasses import replace
from datetime import datetime

from data.ladders import Ladder, Rung
from data.needs import Need, NeedState


def rung_of(need: Need, ladder: Ladder) -> Rung:
    """Return the rung a need stands on; the last one where the ladder has become shorter."""
    return ladder.rungs[min(need.rung, len(ladder.rungs) - 1)]


def at_top(need: Need, ladder: Ladder) -> bool:
    """Say whether there is no rung above."""
    return need.rung >= len(ladder.rungs) - 1


def may_offer(need: Need, ladder: Ladder) -> bool:
    """Say whether the rung has offers left; the last one never runs out of them."""
    return at_top(need, ladder) or need.tries < rung_of(need, ladder).tries


def patient_until(need: Need, ladder: Ladder) -> datetime | None:
    """Return until when a need waits on its rung for somebody to be free; None where it is not to wait, or for good."""
    rung = rung_of(need, ladder)
    return need.rung_since + rung.wait if rung.wait and not at_top(need, ladder) and may_offer(need, ladder) else None


def climb(need: Need, now: datetime) -> Need:
    """Take a need one rung up."""
    return replace(need, rung=need.rung + 1, tries=0, rung_since=now)


def offered(need: Need) -> Need:
    """Count an offer that was made."""
    return replace(need, state=NeedState.TAKEN, tries=need.tries + 1)


def from_the_foot(need: Need, now: datetime) -> Need:
    """Open a need anew at the foot of its ladder."""
    return replace(need, state=NeedState.OPEN, rung=0, tries=0, rung_since=now)
