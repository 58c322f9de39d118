"""The pages: the command map, the worker's phone, signing in and out."""

import hashlib
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from api.deps import COOKIE, actor_of, check_same_site, process_of
from api.i18n import language, page_texts
from data.tokens import Actor, ActorKind
from dispatch.desk.seat import leave_seat
from maps import palette
from maps.command import command_page
from maps.html import csp
from maps.signin import sign_in_page
from maps.task import task_page

router = APIRouter(include_in_schema=False)
LANG_COOKIE = "wangge_lang"
YEAR_S = 365 * 86_400
HOME = {ActorKind.DISPATCHER: "/", ActorKind.WORKER: "/work"}
DEMO_SEATS = ("dispatcher", "worker")
Key = Annotated[str, Form(max_length=200)]


@router.get("/")
async def wall(request: Request) -> Response:
    """Show the command map."""
    return await _page_for(ActorKind.DISPATCHER, request)


@router.get("/work")
async def work(request: Request) -> Response:
    """Show the worker's phone page."""
    return await _page_for(ActorKind.WORKER, request)


@router.get("/sign-in")
async def sign_in_form(request: Request) -> Response:
    """Show the sign-in form."""
    return _form(request, None)


@router.post("/sign-in")
async def sign_in(request: Request, key: Key) -> Response:
    """Take a key and go to the page it opens."""
    check_same_site(request)
    opened = await _opened(request, key.strip())
    if opened is None:
        return _form(request, "sign_in.wrong_key")
    token, actor = opened
    answer = RedirectResponse(HOME.get(actor.kind, "/"), 303)
    secure = request.app.state.settings.secure_cookies
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, max_age=30 * 86_400)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Forget the key on this device, and let it open nothing any more."""
    check_same_site(request)
    token = request.cookies.get(COOKIE)
    if token:
        async with process_of(request).store.books.open() as book:
            await leave_seat(token, book)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/static/tokens.css")
async def tokens() -> Response:
    """Give the colours and sizes of `maps/palette.py` as CSS variables."""
    return Response(palette.tokens_css(), media_type="text/css", headers={"cache-control": "no-cache"})


async def _page_for(kind: ActorKind, request: Request) -> Response:
    actor = await actor_of(request)
    if actor is None:
        return RedirectResponse("/sign-in", 303)
    if actor.kind is not kind:
        return RedirectResponse(HOME.get(actor.kind, "/sign-in"), 303)
    process = process_of(request)
    async with process.store.reader() as reader:
        town = await process.town(reader)
    lang = _lang(request)
    draw = command_page if kind is ActorKind.DISPATCHER else task_page
    return _html(request, await run_in_threadpool(draw, page_texts(lang), lang, {"name": "", "name_en": ""} | town))


async def _opened(request: Request, key: str) -> tuple[str, Actor] | None:
    process = process_of(request)
    actor = await process.store.who(key)
    if actor is not None:
        return key, actor
    return await process.take_demo_seat(key) if _is_called_by_address(request) else None


def _is_called_by_address(request: Request) -> bool:
    """Say whether the `Host` is an IP address or localhost: a name of another site may be made to point here."""
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        return host == "localhost" or bool(ip_address(host))
    except ValueError:
        return False


def _form(request: Request, problem: str | None) -> Response:
    lang = _lang(request)
    texts, town = page_texts(lang), process_of(request).city.town
    seats = [
        {
            "key": f"demo-{seat}",
            "name": texts[f"sign_in.demo.{seat}"],
            "about": texts[f"sign_in.demo.{seat}.about"],
        }
        for seat in DEMO_SEATS
    ]
    offered = seats if town and town.demo and _is_called_by_address(request) else None
    html = sign_in_page(texts, lang, offered, problem and texts[problem])
    return _html(request, html, 403 if problem else 200)


def _lang(request: Request) -> str:
    chosen = request.query_params.get("lang") or request.cookies.get(LANG_COOKIE)
    return language(request.headers.get("accept-language"), chosen)


def _html(request: Request, html: str, status: int = 200) -> Response:
    tag = f'"{hashlib.blake2b(html.encode(), digest_size=12).hexdigest()}"'
    headers = {"content-security-policy": csp(html), "etag": tag, "cache-control": "private, no-cache"}
    same = status == 200 and request.headers.get("if-none-match") == tag
    answer = Response(None if same else html, 304 if same else status, headers, media_type="text/html")
    if (lang := request.query_params.get("lang")) in ("zh", "en"):
        answer.set_cookie(LANG_COOKIE, lang, max_age=YEAR_S, samesite="lax")
    return answer
