"""Addresses of receivers: read strictly, part by part, so that nothing but the parts named here reaches a sender."""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from data.receivers import ReceiverKind
from dispatch.errors import AddressRefusedError

ROBOTS = {
    ReceiverKind.WECOM: r"https://(qyapi\.weixin\.qq\.com)/cgi-bin/webhook/send\?key=([A-Za-z0-9_-]{1,200})",
    ReceiverKind.DINGTALK: r"https://(oapi\.dingtalk\.com)/robot/send\?access_token=([A-Za-z0-9]{1,200})",
    ReceiverKind.FEISHU: r"https://(open\.feishu\.cn)/open-apis/bot/v2/hook/([A-Za-z0-9_-]{1,200})",
}
"""How a chat's robot is addressed, as its own page shows it for copying: host and token."""

SIGNS = {
    ReceiverKind.DINGTALK: r"[A-Za-z0-9]{1,200}",
    ReceiverKind.MAIL: r"[^\x00-\x1f\x7f]{1,500}",
    ReceiverKind.WEBHOOK: r"[\x21-\x7e]{16,500}",
}
"""What a secret may look like, where one is used: a robot's key, a mailbox's password, the key that signs a webhook."""

PRINTABLE = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,2000}")
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")
RECIPIENTS_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot in a chat group."""

    host: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail is handed in, and for whom; `mode` is insecure, starttls or ssl."""

    host: str
    port: int
    mode: str
    user: str | None = field(repr=False)
    sender: str = field(repr=False)
    to: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hook:
    """A program's address; `target` is path and query."""

    host: str
    port: int
    secure: bool
    target: str = field(repr=False)


Way = Robot | Mailbox | Hook


def way_to(kind: ReceiverKind, address: str, secret: str | None = None) -> Way:
    """Read a receiver's address.

    Raises
    ------
    AddressRefusedError
        If it is no address of this kind; `hint` says why.
    """
    if not PRINTABLE.fullmatch(address):
        raise AddressRefusedError(hint="malformed")
    if secret is not None:
        _check_secret(kind, secret)
    if kind in ROBOTS:
        return _robot(kind, address)
    return _mailbox(address) if kind is ReceiverKind.MAIL else _hook(address)


def _check_secret(kind: ReceiverKind, secret: str) -> None:
    if kind not in SIGNS:
        raise AddressRefusedError(hint="secret_not_used")
    if not re.fullmatch(SIGNS[kind], secret):
        raise AddressRefusedError(hint="secret_malformed")


def _robot(kind: ReceiverKind, address: str) -> Robot:
    found = re.fullmatch(ROBOTS[kind], address)
    if found is None:
        raise AddressRefusedError(hint="not_a_robot")
    return Robot(found[1], found[2])


def _hook(address: str) -> Hook:
    parts, port = _split(address, ("http", "https"))
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError(hint="password_in_address")
    secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Hook(parts.hostname or "", port or (443 if secure else 80), secure, target)


def _mailbox(address: str) -> Mailbox:
    parts, port = _split(address, ("mailto", "mailtos"))
    if parts.password is not None:
        raise AddressRefusedError(hint="password_in_address")
    given = parse_qs(parts.query)
    host, user = parts.hostname or "", parts.username and unquote(parts.username)
    to = tuple(one.strip() for one in ",".join(given.pop("to", [])).split(",") if one.strip())
    sender = given.pop("from", [user if user and "@" in user else f"{user or 'wangge'}@{host}"])[0]
    if given or parts.path not in ("", "/") or not 1 <= len(to) <= RECIPIENTS_AT_MOST:
        raise AddressRefusedError(hint="malformed")
    if not all(MAIL_ADDRESS.fullmatch(one) for one in (sender, *to)) or (user and not user.isprintable()):
        raise AddressRefusedError(hint="not_a_mail_address")
    mode = "insecure" if parts.scheme == "mailto" else "ssl" if port == 465 else "starttls"
    return Mailbox(host, port or (25 if mode == "insecure" else 587), mode, user, sender, to)


def _split(address: str, schemes: tuple[str, ...]) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise AddressRefusedError(hint="malformed") from None
    if parts.scheme not in schemes or port == 0 or "#" in address or not HOST.fullmatch(parts.hostname or ""):
        raise AddressRefusedError(hint="malformed")
    return parts, port
