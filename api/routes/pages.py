"""The pages: the command map, the phone, oneself, figures, roster, the ground, accounts, notices, audit; signing in."""

import hashlib
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from api.deps import actor_of, process_of
from api.i18n import language, page_texts
from api.limits import address_of, stranger
from api.same_site import check_same_site, cookie_name
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.sign_in import SESSION_DAYS, SignedIn, sign_in, sign_out
from dispatch.errors import ThrottledError, WrongSignInError
from maps import palette
from maps.command import command_page
from maps.figures import figures_page
from maps.html import csp
from maps.plain import admin_page, audit_page, me_page, receivers_page, roster_page
from maps.quality import quality_page
from maps.receipt import receipt_page
from maps.signin import sign_in_page
from maps.task import task_page

router = APIRouter(include_in_schema=False)
LANG_COOKIE = "wangge_lang"
YEAR_S = 365 * 86_400
DAY_S = 86_400
PAGES = {
    "/": ((Permission.INCIDENT_VIEW,), command_page),
    "/work": ((Permission.TASK_ANSWER,), task_page),
    "/admin": ((Permission.ACCOUNT_VIEW,), admin_page),
    "/audit": ((Permission.AUDIT_VIEW,), audit_page),
    "/receivers": ((Permission.NOTICE_MANAGE,), receivers_page),
    "/roster": ((Permission.WORKER_VIEW,), roster_page),
    "/quality": ((Permission.GROUND_CHECK,), quality_page),
    "/figures": ((Permission.FIGURES_VIEW, Permission.FIGURES_OWN), figures_page),
}
"""Any of which one must be permitted to open a page; `/me` is everybody's."""
NOTED = frozenset({Permission.ACCOUNT_VIEW, Permission.AUDIT_VIEW, Permission.NOTICE_MANAGE})
"""Whoever knocks without these is noted; to the map and the phone anybody may find the way by chance."""
PASSED_ON = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"})
Typed = Annotated[str, Form(max_length=200)]


@router.get("/")
@router.get("/work")
@router.get("/figures")
@router.get("/admin")
@router.get("/audit")
@router.get("/receivers")
@router.get("/roster")
@router.get("/quality")
async def page(request: Request) -> Response:
    """Show a page to whoever may open it; anybody else is shown the way to the own one."""
    needed, draw = PAGES[request.url.path]
    actor = await actor_of(request)
    if actor is None:
        return RedirectResponse("/sign-in", 303)
    if actor.may(*needed):
        return await _drawn(request, actor, draw)
    if not NOTED.isdisjoint(needed):
        await request.app.state.refusals.note(request, 403, "forbidden")
    return RedirectResponse(_home(actor), 303)


@router.get("/me")
async def me(request: Request) -> Response:
    """Show a person's own page."""
    actor = await actor_of(request)
    return RedirectResponse("/sign-in", 303) if actor is None else await _drawn(request, actor, me_page)


@router.get("/receipt")
async def receipt(request: Request) -> Response:
    """Show whoever asks the page on which a receipt's code is typed; it knows nobody and holds nothing."""
    request.app.state.pace.strangers.check(stranger(request))
    town, lang = process_of(request).city.town, _lang(request)
    named = {} if town is None else {"time_zone": town.time_zone, "demo": town.demo}
    names = {"name": town.name if town else "", "name_en": town.name_en if town else ""}
    return _html(request, await run_in_threadpool(receipt_page, page_texts(lang), lang, names | named))


@router.get("/sign-in")
async def sign_in_form(request: Request) -> Response:
    """Show the sign-in form."""
    return await _form(request)


@router.post("/sign-in")
async def begin(request: Request, login: Typed = "", password: Typed = "", seat: Typed = "") -> Response:
    """Take a login and its password, or a seat of a demo town, and go to the page it opens."""
    check_same_site(request, by_cookie=True)
    request.app.state.pace.strangers.check(stranger(request))
    try:
        begun = await _begun(request, login, password, seat)
    except WrongSignInError:
        return await _form(request, 403, "sign_in.wrong")
    except ThrottledError as error:
        return await _form(request, 429, "sign_in.throttled", error.facts)
    return _let_in(request, begun)


@router.post("/sign-out")
async def end(request: Request) -> Response:
    """End the session on this device; its token opens nothing any more."""
    check_same_site(request, by_cookie=True)
    name = cookie_name(request.app.state.settings)
    token = request.cookies.get(name)
    if token and await actor_of(request):
        await sign_out(token, address_of(request), process_of(request).store.books)
    answer = RedirectResponse("/sign-in", 303)
    secure = request.app.state.settings.secure_cookies
    answer.delete_cookie(name, httponly=True, samesite="strict", secure=secure)
    return answer


@router.get("/static/tokens.css")
async def tokens() -> Response:
    """Give the colours and sizes of `maps/palette.py` as CSS variables."""
    return Response(palette.tokens_css(), media_type="text/css", headers={"cache-control": "no-cache"})


def _home(actor: Actor) -> str:
    return next((path for path, (needed, _) in PAGES.items() if actor.may(*needed)), "/me")


async def _begun(request: Request, login: str, password: str, seat: str) -> SignedIn:
    """Begin a session in the place of the one that this browser has."""
    process, address = process_of(request), address_of(request)
    before = request.cookies.get(cookie_name(request.app.state.settings))
    if not (seat and _is_at_the_machine(request)):
        return await sign_in(login, password, address, process.store.books, before)
    taken = await process.take_demo_seat(seat, address, before)
    if taken is None:
        raise WrongSignInError
    return taken


def _let_in(request: Request, begun: SignedIn) -> Response:
    settings = request.app.state.settings
    answer = RedirectResponse(_home(begun.actor), 303)
    kept = {"httponly": True, "samesite": "strict", "secure": settings.secure_cookies, "path": "/"}
    answer.set_cookie(cookie_name(settings), begun.token, max_age=SESSION_DAYS * DAY_S, **kept)
    return answer


async def _drawn(request: Request, actor: Actor, draw: Any) -> Response:
    process = process_of(request)
    async with process.store.reader(actor) as reader:
        town = await process.town(reader)
    lang = _lang(request)
    return _html(request, await run_in_threadpool(draw, page_texts(lang), lang, {"name": "", "name_en": ""} | town))


def _is_at_the_machine(request: Request) -> bool:
    """Say whether the caller sits at this machine and called it by address: another site may make a name point here.

    Whoever was passed on does not: behind a proxy that nobody named, everybody's address is the proxy's.
    """
    if not request.app.state.settings.trusted_proxies and PASSED_ON & set(request.headers.keys()):
        return False
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        named = host == "localhost" or bool(ip_address(host))
        return named and ip_address(address_of(request) or "").is_loopback
    except ValueError:
        return False


async def _form(
    request: Request, status: int = 200, problem: str | None = None, facts: dict[str, Any] | None = None
) -> Response:
    lang = _lang(request)
    texts = page_texts(lang)
    seats = await process_of(request).seats() if _is_at_the_machine(request) else []
    offered = [
        {"login": seat, "name": texts[f"sign_in.demo.{seat}"], "about": texts[f"sign_in.demo.{seat}.about"]}
        for seat in seats
        if f"sign_in.demo.{seat}" in texts
    ]
    minutes = -(-int((facts or {}).get("retry_after", 0)) // 60)
    said = problem and texts[problem].replace("{minutes}", str(minutes))
    answer = _html(request, sign_in_page(texts, lang, offered or None, said), status)
    if facts and "retry_after" in facts:
        answer.headers["retry-after"] = str(facts["retry_after"])
    return answer


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
