"""Evaluate: by its receipt alone somebody looks at a matter, and judges what came of it; discontent opens it again."""

from datetime import datetime
from typing import Any

from data.attempts import Refusal
from data.audit import Note
from data.book import Book
from data.evaluations import Judged
from data.incidents import Status
from data.receipts import Held, Shown, key_of
from data.store import Store
from dispatch.city import City
from dispatch.desk.case import Case, pick_up
from dispatch.desk.close import begin_again
from dispatch.errors import JudgedAlreadyError, RefusedError, ThrottledError, UnknownReceiptError
from dispatch.judgement import WITHIN, closing_to_judge, discontent

NOBODY_KNOWN = "stranger"


async def look_by_receipt(code: str, address: str | None, store: Store) -> dict[str, Any]:
    """Return what a receipt tells, whether it may be judged now and until when.

    Raises
    ------
    UnknownReceiptError
        If there is no such code, whatever is wrong with it.
    ThrottledError
        If too many codes were wrong from this address.
    """
    await _open(code, address, store)
    async with store.stranger() as receipts:
        shown = await receipts.shown(code)
    if shown is None:
        raise UnknownReceiptError
    return shown.facts | {"may_judge": _may_judge(shown), "judge_until": _until(shown)}


async def judge(code: str, judged: Judged, address: str | None, city: City, store: Store) -> dict[str, Any]:
    """Keep what somebody says of a closing; discontent opens it again, first for whoever handled it.

    Raises
    ------
    UnknownReceiptError, ThrottledError
        As when looking.
    NotClosedError, JudgingEndedError, JudgedAlreadyError
        If there is nothing to be judged now.
    """
    held = await _open(code, address, store)
    async with store.books.open() as book:
        case = await pick_up(held.incident_id, f"receipt:{held.id}", book)
        closing = closing_to_judge(case.incident.status, case.incident.closed_at, case.now)
        if not await book.evaluations.keep(held.id, held.incident_id, closing, judged):
            raise JudgedAlreadyError
        await _say(case, judged, city, book)
        await case.put_down(book, city)
    return await look_by_receipt(code, address, store)


async def _say(case: Case, judged: Judged, city: City, book: Book) -> None:
    case.line("evaluated", stars=judged.stars, solved=judged.solved)
    if discontent(judged):
        case.line("discontent", stars=judged.stars, solved=judged.solved)
        await begin_again(case, None, city, book, first_to_handler=True)


def _may_judge(shown: Shown) -> bool:
    """Say whether this receipt may judge now."""
    try:
        closing_to_judge(Status(shown.facts["status"]), shown.closed_at, shown.read_at)
    except RefusedError:
        return False
    return not shown.facts["evaluated"]


def _until(shown: Shown) -> datetime | None:
    return None if shown.closed_at is None else shown.closed_at + WITHIN


async def _open(code: str, address: str | None, store: Store) -> Held:
    """Find a receipt by its code, and count the try until it has succeeded; every wrong code takes the same way."""
    tried = f"receipt:{key_of(code).hex()}"
    async with store.books.open() as book:
        refusal = await book.attempts.reserve(tried, address)
        if refusal is not None and refusal.first:
            await book.audit.note(_throttled(address, refusal))
        held = None if refusal else await book.receipts.find(code)
        if held is not None:
            await book.attempts.clear(tried)
    if refusal is not None:
        raise ThrottledError(retry_after=refusal.retry_after_s)
    if held is None:
        raise UnknownReceiptError
    return held


def _throttled(address: str | None, refusal: Refusal) -> Note:
    return Note(
        "receipt_throttled",
        NOBODY_KNOWN,
        result="refused",
        code=ThrottledError.code,
        address=address,
        facts={"retry_after_s": refusal.retry_after_s},
    )
