"""An errand: what to tell whom, as the server hands it to the messenger."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Errand:
    """What to tell whom: for a chat or a mailbox `title` and `text`, for a program `body`, which is JSON text.

    `way` are the parts of an address as `dispatch.addresses` reads them, `at` is unix seconds, `delivery` the same when
    it is told again.
    """

    kind: str
    way: Mapping[str, Any] = field(repr=False)
    secret: str | None = field(repr=False)
    title: str
    text: str
    body: str
    delivery: str
    at: int


def signature(secret: str, at: int, body: bytes) -> str:
    """Sign a body: HMAC-SHA256 over the unix time, a dot and the bytes that are sent."""
    signed = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"
