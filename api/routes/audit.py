"""The audit: read it, verify it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import Reading, permitted, process_of
from api.errors import DoorError
from api.plain import json_of
from api.routes.answers import PROBLEMS, json_text
from api.schemas.audit import AuditIn, verdict
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.audit import verify_audit

router = APIRouter(prefix="/api/audit", tags=["audit"], responses=PROBLEMS)
VERIFYING = asyncio.Lock()
"""One at a time: a long chain holds a connection for a while."""


def _auditor(actor: Annotated[Actor, permitted(Permission.AUDIT_VIEW)]) -> Actor:
    """Let nobody in who holds it for a part of the town only: the chain is the whole town's."""
    if not actor.rights.may_everywhere(Permission.AUDIT_VIEW):
        raise DoorError(403, "forbidden")
    return actor


Auditor = Annotated[Actor, Depends(_auditor, scope="function")]


@router.get("")
async def listed(wanted: Annotated[AuditIn, Query()], actor: Auditor, reading: Reading) -> Response:
    """List what was noted, the newest first; `after` takes the `next` of the page before."""
    rows, after = await reading.audit.page(wanted.wanted())
    head = await reading.audit.head()
    return json_text({"items": rows}, {"next": after, "head": {"rows": head.rows, "hash": head.hash.hex()}})


@router.post("/verify")
async def verify(request: Request, actor: Auditor, reading: Reading) -> Response:
    """Reckon every hash anew and say what was edited, taken out, moved or cut off; that this was done is noted."""
    if VERIFYING.locked():
        raise DoorError(503, "try_again")
    async with VERIFYING:
        found = await verify_audit(actor, reading.audit, process_of(request).store.books)
    return Response(json_of(verdict(found)), media_type="application/json")
