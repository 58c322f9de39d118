"""Every row of every table, before and after."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import TextClause, text

from tests.support.place import Place

ALWAYS_GROWING = ("audit", "audit_head", "alembic_version", "spatial_ref_sys")
"""What notes refusals by itself and can only grow (its own tests say so), and what is none of ours."""

Rows = Counter[tuple[str, str]]


class Tables:
    """All tables of a place; `used_at` of tokens left out, which is noted in passing."""

    def __init__(self, place: Place, statement: str, hashing: TextClause) -> None:
        self._place, self._statement, self._hashing = place, statement, hashing

    @classmethod
    async def of(cls, place: Place) -> "Tables":
        """Find every table there is."""
        found = await place.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        names = [row.tablename for row in found if row.tablename not in ALWAYS_GROWING]
        used = " #- '{used_at}'"
        parts = [f"SELECT '{name}' AS name, (to_jsonb(x){used})::text AS row FROM {name} x" for name in names]
        version = {name: "format('%s %s', ctid, xmin)" for name in names} | {
            "access_token": "format('%s %s', id, revoked_at)"
        }
        hashed = [
            f"SELECT '{name}' AS name, md5(string_agg({told}, ',' ORDER BY ctid)) AS hash FROM {name}"
            for name, told in version.items()
        ]
        return cls(place, " UNION ALL ".join(parts), text(" UNION ALL ".join(hashed)))

    async def read(self) -> Rows:
        """Read every row: table and text."""
        return Counter((row.name, row.row) for row in await self._place.run(self._statement))

    async def hashes(self) -> dict[str, str]:
        """Hash every table: where each row lies and which transaction wrote it, so that a row rewritten shows too."""
        async with (
            self._place.engine.connect() as connection
        ):  # no transaction around it: it is asked thousands of times
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            return {row.name: row.hash for row in await connection.execute(self._hashing)}


def difference(before: Rows, after: Rows) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the rows that are no more as they were, and those that are new or changed."""
    return [*(before - after).elements()], [*(after - before).elements()]


def tables_in(rows: Iterable[tuple[str, str]]) -> set[str]:
    """Name the tables that rows belong to."""
    return {name for name, _ in rows}
