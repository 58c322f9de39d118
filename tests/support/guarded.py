"""Two communities with a row of each in every table, and people who may see one of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shapely import Point, box
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.households import household
from data.person import serve
from data.rights import Permission, Rights
from data.schema import new_id
from data.tokens import Actor
from geo.cells import cell_of
from geo.point import Point as GeoPoint
from tests.support.needs import add_need
from tests.support.place import Place, middle, square

ON_EVERY_TABLE = (
    "INSERT INTO ground (id, kind, shape) VALUES (gen_random_uuid(), 'water', st_geomfromtext(:box, 4326))",
    """INSERT INTO street (id, name, class, line)
    SELECT gen_random_uuid(), 's', 'lane', st_exteriorring(st_geomfromtext(:box, 4326))""",
    """INSERT INTO building (id, code, kind, storeys, shape)
    VALUES (gen_random_uuid(), 'B1', 'home', 1, st_geomfromtext(:box, 4326))""",
    """INSERT INTO address (id, number, text, point, cell)
    VALUES (gen_random_uuid(), '1', '1', st_setsrid(st_makepoint(118.305, 27.005), 4326), 0)""",
    """INSERT INTO ground_check (id, started, ended, status)
    VALUES ('00000000-0000-0000-0000-000000000002', now(), now(), 'done')""",
    """INSERT INTO ground_fault (id, check_id, kind, layer, code, area_path)
    SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000002', 'overlap', layer, code, area_path FROM grid""",
    """INSERT INTO proposal (id, kind, layer, level, made, status)
    VALUES ('00000000-0000-0000-0000-000000000002', 'repair', 'governance', 'grid', now(), 'proposed')""",
    """INSERT INTO proposal_shape (proposal_id, code, name, shape, moved_m2)
    SELECT '00000000-0000-0000-0000-000000000002', 'G', 'G', st_multi(st_geomfromtext(:box, 4326)), 0""",
    "INSERT INTO answer (actor, key, request_hash, made_at) VALUES ('account:x', 'k', '', now())",
    "INSERT INTO outbox (kind, at) VALUES ('ground', now())",
    "INSERT INTO timer (kind, incident_id, due_at) SELECT 'deadline', id, now() FROM incident",
    """INSERT INTO clock (incident_id, step, round, amount, unit, started_at, running_since, due_at)
    SELECT id, 'handle', 1, 60, 'minutes', now(), now(), now() FROM incident""",
    "INSERT INTO time_limit (id, step, amount, unit) VALUES (gen_random_uuid(), 'receive', 10, 'minutes')",
    "INSERT INTO calendar_year (year, source, holidays, loaded_at) VALUES (2030, 'x', '[]', now())",
    """INSERT INTO category_slot (category, slot, responder, ranking)
    VALUES ('other', 'second', 'person', 'nearest'), ('other', 'third', 'team', 'nearest')""",
    """INSERT INTO category_department (category, department_id, report_in_minutes)
    SELECT 'other', id, 30 FROM worker""",
    """INSERT INTO receiver (id, kind, label, address, host, events, made_at)
    VALUES ('00000000-0000-0000-0000-000000000002', 'webhook', 'x', 'x', 'x', '{filed}', now())""",
    """INSERT INTO delivery (receiver_id, incident_id, event, made_at, due_at)
    SELECT '00000000-0000-0000-0000-000000000002', id, 'filed', now(), now() FROM incident""",
    "UPDATE category SET shared = true",
    """INSERT INTO receipt (id, incident_id, kind, hash, holder, made_at)
    SELECT gen_random_uuid(), id, 'report', decode(md5(id::text), 'hex'), reporter, now() FROM incident""",
    """INSERT INTO evaluation (incident_id, receipt_id, closed_at, stars, solved, at)
    SELECT incident_id, id, now(), 5, true, now() FROM receipt""",
    "INSERT INTO sign_in_attempt (login_hash, address_hash, at) VALUES ('', '', now())",
    """INSERT INTO access_token (id, hash, account_id, kind, created_at, used_at, expires_at)
    SELECT gen_random_uuid(), decode(md5(id::text), 'hex'), id, 'program', now(), now(), now() + interval '1 day'
    FROM account""",
)
REPORTED = """
    INSERT INTO incident (id, category, layer, urgency, status, description, point, cell, given_lng, given_lat,
        given_datum, grid_id, area_path, reporter, reported_at, filed_at, deadline_at)
    SELECT :id, 'other', layer, 'urgent', 'dispatched', 'x', st_pointonsurface(shape), 0, 0, 0, 'wgs84', id, area_path,
        :reporter, now(), now(), now() FROM grid WHERE id = :grid"""
OFFERED = """
    INSERT INTO task (id, incident_id, worker_id, status, attempt_no, exclusive, offered_at, offer_expires_at, layer,
        area_path)
    SELECT :id, i.id, :worker, 'offered', 1, false, now(), now(), i.layer, i.area_path FROM incident i WHERE i.id = :incident"""
TOLD = "INSERT INTO incident_event (incident_id, at, kind, actor) VALUES (:incident, now(), 'filed', 'x')"
ROSTERED = (
    """INSERT INTO duty_exception (id, worker_id, day, reason, made_by, made_at)
    VALUES (gen_random_uuid(), :worker, '2026-05-04', 'leave', 'x', now())""",
    """INSERT INTO reservation (id, worker_id, during, purpose, made_by, made_at)
    VALUES (gen_random_uuid(), :worker, '[2026-05-04, 2026-05-05)', 'x', 'x', now())""",
)
"""What a worker of either community has, besides a pattern of seven days."""
LINEAGE = "INSERT INTO grid_lineage (before, after, m2, households) VALUES (:before, :after, 1, 1)"
BELONGING = "INSERT INTO membership (unit_id, worker_id) VALUES (:one, :other), (:other, :one)"


@dataclass
class Guarded:
    """What there is, by name: `incident A`, `incident B`, `worker A`, …; and who is there."""

    ids: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, Actor | None] = field(default_factory=dict)

    async def build(self, place: Place) -> None:
        """Build both communities."""
        await place.add_town()
        await place.add_area("T", "street")
        for column, name in enumerate("AB"):
            await self._community(place, name, column)
        await place.run(LINEAGE, before=self.ids["grid A"], after=self.ids["grid B"])
        await place.run(BELONGING, one=self.ids["worker A"], other=self.ids["worker B"])
        for statement in ON_EVERY_TABLE:
            bound = {"box": box(118.3, 27.0, 118.32, 27.01).wkt} if ":box" in statement else {}
            await place.run(statement, **bound)
        await place.run("SELECT audit_append(NULL, 'x', 'x', NULL, 'done', NULL, NULL, '{}')")
        self._introduce()

    async def _community(self, place: Place, name: str, column: int) -> None:
        await place.add_area(name, parent="T", shape=square(column, 0))
        self.ids[f"grid {name}"] = await place.add_grid(f"G{name}", square(column, 0), name)
        self.ids[f"worker {name}"] = worker = await place.add_worker(f"W{name}", middle(column, 0), home=f"G{name}")
        for statement in ROSTERED:
            await place.run(statement, worker=worker)
        self.ids[f"account {name}"] = await place.add_account(("worker", name), worker_id=worker)
        reporter = f"account:{self.ids[f'account {name}']}"
        self.ids[f"incident {name}"], self.ids[f"task {name}"] = new_id(), new_id()
        incident = self.ids[f"incident {name}"]
        await place.run(REPORTED, id=incident, grid=self.ids[f"grid {name}"], reporter=reporter)
        await add_need(place, incident)
        await place.run(OFFERED, id=self.ids[f"task {name}"], incident=incident, worker=worker)
        await place.run(TOLD, incident=incident)
        point = middle(column, 0.1)
        self.ids[f"household {name}"] = new_id()
        home = {
            "id": self.ids[f"household {name}"],
            "building_id": None,
            "address": f"{name} 1",
            "point": Point(point),
            "cell": cell_of(GeoPoint(*point)),
            "area_id": place.areas[f"G{name}"],
            "area_path": place.paths[f"G{name}"],
        }
        await place.insert(household, home)
        self.ids[f"area {name}"] = place.areas[name]

    def _introduce(self) -> None:
        of_a = tuple(f"{layer}.T.A" for layer in ("_", "governance", "health"))
        views = [permission for permission in Permission if permission != Permission.INCIDENT_CLOSE]
        self.people = {
            "nobody": None,
            "town": self._person({permission: ("",) for permission in Permission}),
            "of A": self._person(dict.fromkeys(Permission, of_a)),
            "of A's health": self._person(dict.fromkeys(Permission, ("_.T.A", "health.T.A"))),
            "town, closes in A": self._person(
                {permission: ("",) for permission in views} | {Permission.INCIDENT_CLOSE: of_a}
            ),
            "worker B": self._person({Permission.TASK_ANSWER: ("",)}, self.ids["worker B"], self.ids["account B"]),
            "worker B who may not answer": self._person(
                {Permission.INCIDENT_REPORT: ("",)}, self.ids["worker B"], self.ids["account B"]
            ),
            "member": self._person({Permission.TASK_ANSWER: ("",)}, *self._of("B"), units=[self.ids["worker A"]]),
            "member who may not answer": self._person({}, *self._of("B"), units=[self.ids["worker A"]]),
            "reporter": self._person({Permission.INCIDENT_REPORT: ("",)}, account=self.ids["account A"]),
            "reporter who may not report": self._person({}, account=self.ids["account A"]),
            "account A, gives roles": self._person({Permission.ROLE_ASSIGN: ("",)}, account=self.ids["account A"]),
            "no rights": self._person({}),
            "checks": self._person({Permission.GROUND_CHECK: ("",)}),
            "changes": self._person({Permission.GROUND_CHANGE: ("",)}),
            "auditor": self._person({Permission.AUDIT_VIEW: ("",)}),
            "auditor of A": self._person({Permission.AUDIT_VIEW: of_a}),
            "system": self._person({Permission.ACCOUNT_MANAGE: ("",)}),
        }

    def _of(self, name: str) -> tuple[UUID, UUID]:
        return self.ids[f"worker {name}"], self.ids[f"account {name}"]

    @staticmethod
    def _person(
        held: dict[Permission, tuple[str, ...]],
        worker: UUID | None = None,
        account: UUID | None = None,
        units: Iterable[UUID] = (),
    ) -> Actor:
        rights = Rights({str(code): keys for code, keys in held.items()})
        return Actor(account or new_id(), None, worker, rights, units=frozenset(units))


async def become(connection: AsyncConnection, role: str, person: Actor | None, permission: Permission | None) -> None:
    """Act in this transaction as a role, for a person or for nobody."""
    await connection.execute(text(f"SET LOCAL ROLE {role}"))
    if person is not None:
        await serve(connection, person, permission)


async def one(connection: AsyncConnection, statement: str, bound: dict[str, Any]) -> Any:
    """Run a statement and return the one value that comes out, or how many rows it touched."""
    done = await connection.execute(text(statement), bound)
    return done.scalar_one() if done.returns_rows else done.rowcount
