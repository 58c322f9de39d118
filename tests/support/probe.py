"""A probe of row security: what somebody tries in a role, and what must come of it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from data.rights import Permission
from tests.support.guarded import Guarded, become, one

APP, DESK = "wangge_app", "wangge_dispatcher"
REFUSED = "refused"


@dataclass(frozen=True)
class Probe:
    """What somebody tries in a role, and what must come of it: a count, rows touched, or a refusal."""

    who: str
    role: str
    statement: str
    wanted: int | str
    permission: Permission | None = None

    async def fault(self, connection: AsyncConnection, there: Guarded) -> str | None:
        """Try it, undo it, and say what differs."""
        step = await connection.begin_nested()
        bound = {
            name.replace(" ", "_"): id_
            for name, id_ in there.ids.items()
            if f":{name.replace(' ', '_')}" in self.statement
        }
        try:
            if self.statement.startswith("INSERT INTO worker_position"):
                await connection.execute(text("DELETE FROM worker_position"))
            await become(connection, self.role, there.people[self.who], self.permission)
            statement = self.statement.replace("@A", str(there.ids["account A"]))
            found: Any = await one(connection, statement, bound)
        except DBAPIError as error:
            found = REFUSED if getattr(error.orig, "sqlstate", None) == "42501" else str(error.orig)
        finally:
            await step.rollback()
        return (
            None
            if found == self.wanted
            else f"{self.who} as {self.role}: {self.statement} gave {found}, not {self.wanted}"
        )


def sees(who: str, table: str, wanted: int, where: str = "true") -> Probe:
    return Probe(who, APP, f"SELECT count(*) FROM {table} WHERE {where}", wanted)


def does(who: str, statement: str, wanted: int | str, permission: Permission | None = None) -> Probe:
    return Probe(who, DESK, statement, wanted, permission)
