"""Receipts: whoever has a code looks at how the matter stands, and judges what came of it. No account is needed."""

from fastapi import APIRouter, Depends, Request, Response

from api.deps import TheCity, process_of
from api.limits import address_of, stranger
from api.plain import json_of
from api.routes.answers import PROBLEMS
from api.same_site import check_same_site
from api.schemas.receipts import CodeIn, JudgedIn
from dispatch.desk.evaluate import judge, look_by_receipt


async def held_back(request: Request) -> None:
    """Hold back who asks too fast, and pages of other sites: a code is typed here, or sent by a program."""
    check_same_site(request, by_cookie=bool({"origin", "sec-fetch-site"} & set(request.headers.keys())))
    request.app.state.pace.strangers.check(stranger(request))


router = APIRouter(
    prefix="/api/receipts", tags=["receipts"], responses=PROBLEMS, dependencies=[Depends(held_back, scope="function")]
)


@router.post("/look")
async def looked(request: Request, body: CodeIn) -> Response:
    """Show how the matter of a receipt stands: steps with their times, deadline, what came of it; nobody's name."""
    found = await look_by_receipt(body.code, address_of(request), process_of(request).store)
    return Response(json_of(found), media_type="application/json", headers={"cache-control": "no-store"})


@router.post("/evaluate")
async def evaluated(request: Request, body: JudgedIn, city: TheCity) -> Response:
    """Judge what came of it, once for each closing; who is not content has it opened again. Answers as `look`."""
    found = await judge(body.code, body.judged(), address_of(request), city, process_of(request).store)
    return Response(json_of(found), media_type="application/json", headers={"cache-control": "no-store"})
