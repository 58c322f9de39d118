"""Audit: verify the chain, and note that it was done."""

from dataclasses import replace

from data.audit import Audit, noted
from data.book import Books
from data.chain import Verified
from data.rights import Permission
from data.tokens import Actor


async def verify_audit(actor: Actor, audit: Audit, books: Books) -> Verified:
    """Verify every row that a reader of one moment sees; who did so, and what came of it, is the next row."""
    found = await audit.verify()
    said = noted(actor, "audit_verified", rows=found.rows, hash=found.hash.hex(), faults=len(found.faults))
    async with books.open(actor, Permission.AUDIT_VIEW) as book:
        await book.audit.note(said if found.whole else replace(said, result="failed"))
    return found
