"""Refusals in the audit: who asked for what is not theirs, and who came with a key that opens nothing."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any
from uuid import UUID

from fastapi import Request

from api.deps import process_of
from api.limits import address_of, stranger
from data.audit import Note
from data.tokens import Actor
from dispatch.errors import ThrottledError, WrongSignInError

log = logging.getLogger(__name__)

STRANGER = "stranger"
BY_ITSELF = "rules"
NOTHING: Mapping[str, Any] = MappingProxyType({})
KNOWN_A_MINUTE = 60
STRANGERS_KEYS_A_MINUTE = 10
STRANGERS_A_MINUTE = 300
NOTED_ELSEWHERE = frozenset({ThrottledError.code, WrongSignInError.code})


class Refusals:
    """Note what was refused, to each caller only so often a minute: nobody fills a table that only grows."""

    def __init__(self, known_a_minute: int = KNOWN_A_MINUTE, strangers_a_minute: int = STRANGERS_A_MINUTE) -> None:
        self._of_one_known, self._of_all_strangers = known_a_minute, strangers_a_minute
        self._began = float("-inf")
        self._counted: Counter[str] = Counter()
        self._left_out = 0
        self._to_tell = 0

    async def note(
        self, request: Request, status: int, code: str, facts: Mapping[str, Any] = NOTHING, noted: bool = False
    ) -> None:
        """Note a refusal before its answer leaves, where it is one that counts; a note that fails is logged.

        Of somebody known: what is forbidden, what is not there to be seen (`unknown_…`), and whatever the rules call
        an attempt at more than one may (`noted`). Of strangers: keys that open nothing. That somebody is held back
        (429) is noted once a minute. How many were left out of a minute that is over is noted with the next.
        """
        if not self._counts(request, status, code, noted):
            return
        left_out, self._to_tell = self._to_tell, 0
        try:
            async with process_of(request).store.books.open() as book:
                if left_out:
                    await book.audit.note(Note("refused", BY_ITSELF, result="refused", facts={"left_out": left_out}))
                await book.audit.note(_note(request, code, facts))
            left_out = 0
        except Exception as error:
            log.error("refusal %s not noted: %s", code, type(error).__name__)
        finally:
            self._to_tell += left_out

    def _counts(self, request: Request, status: int, code: str, noted: bool) -> bool:
        actor = _actor(request)
        if code in NOTED_ELSEWHERE:
            return False
        if status == 429:
            most = 1
        elif actor is not None:
            most = self._of_one_known if noted or _is_beyond(status, code) else 0
        else:
            most = STRANGERS_KEYS_A_MINUTE if status == 401 and getattr(request.state, "shown_token", False) else 0
        limits = {f"{status} {actor or stranger(request)}": most}
        return bool(most) and self._have_room(limits if actor else limits | {STRANGER: self._of_all_strangers})

    def _have_room(self, limits: Mapping[str, int]) -> bool:
        """Count one more in this minute of this process, if it is within all of these limits, and say whether."""
        now = asyncio.get_running_loop().time()
        if now - self._began >= 60:
            self._began, self._counted = now, Counter()
            self._to_tell, self._left_out = self._to_tell + self._left_out, 0
        if any(self._counted[key] >= most for key, most in limits.items()):
            self._left_out += 1
            return False
        self._counted.update(limits.keys())
        return True


def _actor(request: Request) -> Actor | None:
    return getattr(request.state, "actor", None)


def _is_beyond(status: int, code: str) -> bool:
    return status == 403 or (status == 404 and code.startswith("unknown_"))


def _note(request: Request, code: str, facts: Mapping[str, Any]) -> Note:
    actor = _actor(request)
    return Note(
        "refused",
        str(actor or STRANGER),
        actor.account_id if actor else None,
        subject=_subject(request, code, facts),
        result="refused",
        code=code,
        address=address_of(request),
        facts={"asked": f"{request.method} {_template(request)}"},
    )


def _template(request: Request) -> str:
    """Return the route's path with the names of its parameters, never what was sent."""
    return str(getattr(request.scope.get("route"), "path", ""))


def _subject(request: Request, code: str, facts: Mapping[str, Any]) -> str:
    """Return kind and id of what was asked for, as `incident:…`, else the route."""
    asked = {code.removeprefix("unknown_"): facts.get("id")} if code.startswith("unknown_") else {}
    asked |= {name.removesuffix("_id"): given for name, given in request.path_params.items()}
    for kind, given in asked.items():
        with suppress(ValueError):
            return f"{kind}:{UUID(str(given))}"
    return _template(request)
