"""Senders: carry one errand out, through the guard. Chats and mail go by Apprise, programs by a signed POST."""

import http.client
import json
import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import certifi
import requests
from apprise import AppriseAsset, NotifyFormat
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from api.errand import Errand, signature
from api.outgoing_guard import Guard, replaced

PATIENCE_S = 8.0
"""For each connect and each read; the whole errand has its own limit."""
READ_AT_MOST = 65_536
CAREFULLY = {
    "asset": AppriseAsset(app_id="Wangge", app_desc="Wangge", storage_mode="memory", http_redirects=False),
    "format": NotifyFormat.TEXT.value,
    "redirect": "no",
    "cto": PATIENCE_S,
    "rto": PATIENCE_S,
}

PLUGINS: Mapping[str, Any] = {
    "wecom": NotifyWeComBot,
    "dingtalk": NotifyDingTalk,
    "feishu": NotifyFeishu,
    "mail": NotifyEmail,
}


def run(errand: Errand, guard: Guard) -> str | None:
    """Carry an errand out; None when it was told, else the code of why not. The guard must be in force."""
    with _noticing(guard):
        try:
            if errand.kind == "webhook":
                return _post(errand, guard)
            told = _by_apprise(errand)
        except Exception as error:  # whatever a library throws at what a stranger answers
            guard.note(error)
            told = False
    return None if told else guard.trouble or "unknown"


def look_up(errand: Errand, guard: Guard) -> str | None:
    """Look where an address leads and send nothing; None when something may be sent there."""
    try:
        guard.look_up(errand.way["host"])
    except OSError:
        return guard.trouble
    return None


def _post(errand: Errand, guard: Guard) -> str | None:
    body = errand.body.encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Wangge", "Wangge-Delivery": errand.delivery}
    if errand.secret:
        headers["Wangge-Signature"] = signature(errand.secret, errand.at, body)
    connection = _connection(**errand.way)
    try:
        connection.request("POST", errand.way["target"], body, headers)
        answer = connection.getresponse()
        answer.read(READ_AT_MOST)
    except (OSError, http.client.HTTPException) as error:
        guard.note(error)
        return guard.trouble
    finally:
        connection.close()
    return _trouble_of(answer.status, b"")


def _connection(host: str, port: int, secure: bool, target: str) -> http.client.HTTPConnection:
    if not secure:
        return http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(certifi.where())
    return http.client.HTTPSConnection(host, port, timeout=PATIENCE_S, context=trusted)


def _by_apprise(errand: Errand) -> bool:
    """Make Apprise's own sender of the parts that were read; an address as somebody typed it never reaches Apprise."""
    plugin = SENDERS[errand.kind](errand.way, errand.secret)
    return bool(plugin.notify(title=errand.title, body=errand.text, body_format=NotifyFormat.TEXT))


def _mail(way: Mapping[str, Any], secret: str | None) -> Any:
    login = {"user": way["user"], "password": secret} if way["user"] else {}
    return PLUGINS["mail"](
        host=way["host"],
        port=way["port"],
        smtp_host=way["host"],
        secure=way["mode"] != "insecure",
        secure_mode=way["mode"],
        from_addr=way["sender"],
        targets=list(way["to"]),
        **login,
        **CAREFULLY,
    )


SENDERS: Mapping[str, Callable[[Mapping[str, Any], str | None], Any]] = {
    "wecom": lambda way, _: PLUGINS["wecom"](key=way["token"], **CAREFULLY),
    "dingtalk": lambda way, secret: PLUGINS["dingtalk"](token=way["token"], secret=secret, **CAREFULLY),
    "feishu": lambda way, _: PLUGINS["feishu"](token=way["token"], **CAREFULLY),
    "mail": _mail,
}


def _noticing(guard: Guard) -> AbstractContextManager[None]:
    """Let the guard hear what Apprise keeps to itself: how a server answered. Redirects are not followed."""
    send, getreply, starttls = requests.Session.send, smtplib.SMTP.getreply, smtplib.SMTP.starttls

    def send_once(session: requests.Session, request: Any, **given: Any) -> requests.Response:
        request.headers["Accept-Encoding"] = "identity"
        try:
            answer = send(session, request, **given | {"allow_redirects": False, "stream": True, "proxies": {}})
            answer._content = answer.raw.read(READ_AT_MOST)
            answer.close()
        except requests.RequestException as error:
            guard.note(_cause(error))
            raise
        guard.trouble = _trouble_of(answer.status_code, answer.content)
        if guard.trouble is not None:
            answer.status_code = max(answer.status_code, 400)  # a robot says 200 also to what it does not take
        return answer

    def reply(smtp: smtplib.SMTP) -> tuple[int, bytes]:
        code, said = getreply(smtp)
        guard.trouble = f"smtp_{code}" if code >= 400 else guard.trouble
        return code, said

    def start_tls(smtp: smtplib.SMTP, **given: Any) -> Any:
        try:
            return starttls(smtp, **given)
        except smtplib.SMTPException:
            guard.trouble = "tls"
            raise

    return replaced(
        (requests.Session, "send", send_once),
        (smtplib.SMTP, "getreply", reply),
        (smtplib.SMTP, "starttls", start_tls),
    )


def _cause(error: requests.RequestException) -> BaseException:
    """Turn what requests threw into what Python itself would have."""
    if isinstance(error, requests.exceptions.SSLError):
        return ssl.SSLError("tls")
    return TimeoutError() if isinstance(error, requests.Timeout) else ConnectionError()


def _trouble_of(status: int, answer: bytes) -> str | None:
    """Return the code for an answer that does not say well done; chats say so inside an answer of 200."""
    if 300 <= status < 400:
        return "redirected"
    if not 200 <= status < 300:
        return f"http_{status}"
    try:
        said = json.loads(answer or b"{}")
    except (ValueError, RecursionError):
        return None
    refused = isinstance(said, dict) and (said.get("errcode") or said.get("code"))
    return "refused_by_receiver" if refused else None
