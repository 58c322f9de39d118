"""Households: addresses of a grid, for who may see them; every look is noted."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request

from api.deps import Reading, permitted, process_of
from api.routes.answers import PROBLEMS
from api.schemas.households import HouseholdsIn
from data.rights import Permission
from data.tokens import Actor
from dispatch.desk.view import list_households, look_at_household

router = APIRouter(prefix="/api/households", tags=["households"], responses=PROBLEMS)
Onlooker = Annotated[Actor, permitted(Permission.HOUSEHOLD_VIEW)]


@router.get("")
async def listed(
    request: Request, wanted: Annotated[HouseholdsIn, Query()], actor: Onlooker, reading: Reading
) -> dict[str, Any]:
    """List a grid's households (WGS 84) by id; `after` takes the `next` of the page before."""
    books = process_of(request).store.books
    return await list_households(wanted.grid, wanted.after, wanted.limit, actor, reading, books)


@router.get("/{household_id}")
async def one(request: Request, household_id: UUID, actor: Onlooker, reading: Reading) -> dict[str, Any]:
    """Show one household (WGS 84) with the codes of its grid and building."""
    return await look_at_household(household_id, actor, reading, process_of(request).store.books)
