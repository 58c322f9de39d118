"""Who may ask what of B's, written by hand: one line for each person and door. The code's permissions are not asked.

People, by letters: N nobody signed in; of A: rA resident, wA worker, lA leader, dA dispatcher, cA duty chief, nA planner,
pA department, oA doctor (health layer). Of B: rB resident (reported all that happened), wB worker, tB the worker who was
sent, lB leader, dB dispatcher, cB duty chief, hB dispatcher of the health layer, xB the chief's token for grids only.
Of the town: AU auditor, SE security and SY system administrator.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PEOPLE = {
    "N": None,
    "rA": "resident A",
    "wA": "worker A",
    "lA": "leader A",
    "dA": "dispatcher A",
    "cA": "chief A",
    "nA": "planner A",
    "pA": "department A",
    "oA": "doctor A",
    "rB": "resident B",
    "wB": "worker B",
    "tB": "tasked B",
    "lB": "leader B",
    "dB": "dispatcher B",
    "cB": "chief B",
    "hB": "health B",
    "xB": "narrowed B",
    "AU": "auditor",
    "SE": "security",
    "SY": "system",
}
OUTSIDE = frozenset({"N", "rA", "wA", "lA", "dA", "cA", "nA", "pA", "oA"})
NOT_THEIRS: Mapping[str, tuple[str, ...]] = {
    "rA": ("household7", "account7", "worker7", "task7"),
    "wA": ("household7", "account7"),
    "lA": ("account7",),
    "dA": ("household7", "account7"),
    "cA": ("account7",),
    "nA": ("account7", "worker7"),
    "pA": ("household7", "account7", "worker7", "incident7"),
    "oA": ("household7", "account7", "worker7", "gov7"),
    "rB": ("household7", "account7", "worker7", "task7"),
    "wB": ("household7", "account7", "incident7"),
    "tB": ("household7", "account7"),
    "lB": ("account7",),
    "dB": ("household7", "account7"),
    "cB": ("account7",),
    "hB": ("household7", "account7", "gov7"),
    "xB": ("household7", "account7", "incident7", "worker7"),
    "AU": ("household7", "incident7", "gov7"),
    "SE": ("household7", "incident7"),
    "SY": ("household7", "incident7", "gov7"),
}
"""What they never see, of whichever community: kinds of things by the word in their texts."""

OUTCOMES = {
    "401": "nobody signed in",
    "403": "may not do such a thing at all",
    "404": "the same as for an id that there is not",
    "409": "refused, for it is being done already",
    "hidden": "answered, without anything of B's; the same as for what there is not, where `unknown` names it",
    "mine": "answered with what is A's, and nothing of B's",
    "own": "done about something of one's own, and nothing of B's is changed or told",
    "sees": "answered with B's",
    "does": "done to B's",
    "public": "answered with what is everybody's",
    "plain": "answered, and there is nothing of anybody's in it",
}
REFUSED = frozenset({"401", "403", "404", "409"})
CONTROLS = frozenset({"sees", "does", "public", "plain"})


@dataclass(frozen=True)
class Case:
    """One way to ask at a door. `$name` in a value is B's thing of that name; `unknown` what there is not, instead.

    `touches`: tables in which something of one's own may be new or changed. `about_oneself`: what an answer tells about
    the asking person's own report, and is left out of the look for marks. `claims`: tables in which the rules may change B's
    rows for it: a worker who is sent carries one task more. `proven`: where else it is shown that there is something, when
    none of these people may have it.
    """

    who: Mapping[str, str]
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    unknown: Mapping[str, Any] = field(default_factory=dict)
    touches: frozenset[str] = frozenset()
    refused_touches: frozenset[str] = frozenset()
    about_oneself: tuple[str, ...] = ()
    claims: frozenset[str] = frozenset()
    instead: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    contains: str = ""
    last: int = 0
    proven: str = ""

    def __post_init__(self) -> None:
        named = [one for people in self.who.values() for one in people.split()]
        assert sorted(named) == sorted(PEOPLE), sorted(set(PEOPLE) ^ set(named)) or "somebody twice"
        assert set(self.who) <= set(OUTCOMES)
        assert self.proven or CONTROLS & set(self.who), "nobody proves that there is something"

    def outcome(self, person: str) -> str:
        """Return what is expected for a person."""
        return next(outcome for outcome, people in self.who.items() if person in people.split())
