"""A town of two communities side by side. Everything of B says so: texts, codes, names, coordinates, times, ids."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shapely import LineString, MultiPolygon, Point, Polygon, box

from data.ground import building, ground, street
from data.households import household
from data.incidents import incident
from data.rights import Permission
from data.schema import new_id
from data.tasks import task
from data.tokens import TokenKind, hash_of
from geo.cells import cell_of
from geo.point import Point as GeoPoint
from tests.support.needs import add_need
from tests.support.place import Place, square
from tests.support.two_grounds import look_at
from tests.support.two_receivers import subscribe
from tests.support.two_rosters import plan

SIDES = {"A": "ZQA7", "B": "ZQB7"}
PUBLIC = "pub7"
"""What a town shows to everybody who is signed in: streets, buildings, categories, layers, roles."""
MARKS = ("zqb7", "乀", "\\u4e40", "118.3271828", "118.3371828", ".271828")
"""By which B is known: texts and codes, the first letter of a worker's masked name, coordinates, microseconds."""
GROUPS = {
    "resident": "resident",
    "worker": "worker",
    "leader": "grid_leader",
    "dispatcher": "dispatcher",
    "chief": "duty_chief",
    "planner": "planner",
    "department": "department",
}
PEOPLE: dict[str, tuple[str, str | None, str | None]] = {
    **{f"{one} A": (role, "A", None) for one, role in GROUPS.items()},
    "doctor A": ("doctor", "A", "health"),
    **{f"{one} B": (role, "B", None) for one, role in GROUPS.items() if one not in ("planner", "department")},
    "tasked B": ("worker", "B", None),
    "health B": ("dispatcher", "B", "health"),
    "spare B": ("resident", "B", None),
    "auditor": ("auditor", None, None),
    "security": ("security_admin", None, None),
    "system": ("system_admin", None, None),
}
"""Account: role, community, layer. `spare B` is there to be administered."""
AT_WORK = ("worker A", "leader A", "worker B", "leader B", "tasked B")
LNG = {"A": 118.3051111, "B": 118.3271828}
WORKER_LAT = {"worker": 27.0071, "leader": 27.0082, "tasked": 27.0093, "idle": 27.0085}
COLUMNS = {"A": 0, "B": 2}
STEPS = {"offered": "dispatched", "accepted": "handling", "on_scene": "handling", "done": "handled"}
"""Where an incident stands when its task stands so."""


@dataclass
class TwoTowns:
    """Both communities, by name: `incident B handled`, `account leader B`, …; and everybody's token."""

    place: Place
    ids: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    async def build(cls, place: Place) -> "TwoTowns":
        """Build everything."""
        towns = cls(place)
        await place.add_town()
        await place.add_area("T", "street")
        await place.add_category("noise", offer_seconds=86_400)
        await place.add_category("fever", layer="health", offer_seconds=86_400)
        await place.add_category(PUBLIC)
        await place.run("INSERT INTO grid_layer (code, name, name_en) VALUES (:code, :code, :code)", code=PUBLIC)
        await place.run("INSERT INTO role (code, name, name_en) VALUES (:code, :code, :code)", code=PUBLIC)
        for side in SIDES:
            await towns._ground(side)
            await towns._workers(side)
            await plan(place, towns.ids, side, SIDES[side])
        await towns._accounts()
        for side in SIDES:
            await towns._doings(side)
        await look_at(place, towns.ids, SIDES, LNG)
        return towns

    @property
    def foreign(self) -> frozenset[str]:
        """Everything by which a row of B is known, in lower case."""
        ids = {str(id_) for name, id_ in self.ids.items() if " B" in name}
        return frozenset({*MARKS, *ids})

    def marks_of(self, side: str) -> frozenset[str]:
        """Everything by which a community's rows are known, in lower case; A's times say nothing."""
        if side == "B":
            return self.foreign
        return frozenset({"zqa7", "甲", "118.3051111", *(str(id_) for name, id_ in self.ids.items() if " A" in name)})

    def at(self, side: str, lat: float = 27.005) -> tuple[float, float]:
        """Return a place in a community; B's longitude is a mark."""
        return LNG[side], lat

    async def _ground(self, side: str) -> None:
        code, first = SIDES[side], COLUMNS[side]
        west, east = square(first, 0), square(first + 1, 0)
        if side == "B":
            east = MultiPolygon([box(118.33, 27.0, 118.3371828, 27.01)])
        whole = west.union(east)
        assert isinstance(whole, Polygon)
        shape = MultiPolygon([whole])
        self.ids[f"area {side}"] = await self.place.add_area(code, parent="T", shape=shape)
        for number, part in enumerate((west, east), 1):
            self.ids[f"grid {side} {number}"] = await self.place.add_grid(f"{code}_{number}", part, code)
            self.ids[f"area {side} {number}"] = self.place.areas[f"{code}_{number}"]
        self.ids[f"grid {side} health"] = await self.place.add_grid(f"{code}_H", shape, code, layer="health")
        self.ids[f"area {side} health"] = self.place.areas[f"{code}_H"]
        await self.place.run(
            "UPDATE grid SET name = code || ' gov7' WHERE layer = 'governance' AND code LIKE :like", like=f"{code}%"
        )
        await self._seen_by_all(side)
        await self._household(side)

    async def _seen_by_all(self, side: str) -> None:
        lng, lat = round(LNG[side] - 0.002, 4), 27.004
        yard = box(lng, lat, lng + 0.001, lat + 0.001)
        assert isinstance(yard, Polygon)
        line = LineString([(lng, lat), (lng + 0.002, lat)])
        await self.place.insert(ground, {"id": new_id(), "kind": "green", "name": f"{PUBLIC} {side}", "shape": yard})
        await self.place.insert(street, {"id": new_id(), "name": f"{PUBLIC} {side}", "class": "main", "line": line})
        row = {"id": new_id(), "code": f"{PUBLIC}{side}", "name": f"{PUBLIC} {side}", "kind": "home"}
        await self.place.insert(building, row | {"storeys": 3, "shape": yard})

    async def _household(self, side: str) -> None:
        grid = f"{SIDES[side]}_1"
        lng, lat = LNG[side], 27.0061
        self.ids[f"household {side}"] = id_ = new_id()
        row = {
            "id": id_,
            "building_id": None,
            "address": f"{SIDES[side]} household7",
            "point": Point(lng, lat),
            "cell": cell_of(GeoPoint(lng, lat)),
            "area_id": self.place.areas[grid],
            "area_path": self.place.paths[grid],
        }
        await self.place.insert(household, row)

    async def _workers(self, side: str) -> None:
        code = SIDES[side]
        for number, (name, lat) in enumerate(WORKER_LAT.items()):
            named = f"{'乀' if side == 'B' else '甲'}{code}worker7"
            self.ids[f"worker {name} {side}"] = await self.place.add_worker(
                f"{code}worker7_{number}", self.at(side, lat), home=f"{code}_1", name=named, capacity=500
            )

    async def _accounts(self) -> None:
        for name, held in PEOPLE.items():
            await self.let_in(name, held, self.ids[f"worker {name}"] if name in AT_WORK else None)
        [kept] = await self.place.run(
            "SELECT id FROM account_role WHERE account_id = :id", id=self.ids["account spare B"]
        )
        self.ids["role spare B"] = kept.id
        self.tokens["narrowed B"] = await self.token("chief B", TokenKind.PROGRAM, [Permission.GROUND_VIEW])

    async def let_in(
        self, name: str, held: tuple[str, str | None, str | None], worker_id: UUID | None = None
    ) -> None:
        """Give an account with one role to somebody of a community, and a token."""
        role, side, layer = held
        where = (role, side and SIDES[side], layer)
        self.ids[f"account {name}"] = id_ = await self.place.add_account(where, worker_id=worker_id)
        told = f"{SIDES[side].lower()}-account7-{name.split()[0]}" if side else name
        await self.place.run("UPDATE account SET login = :told, name = :told WHERE id = :id", told=told, id=id_)
        self.tokens[name] = await self.token(name)

    async def token(
        self, name: str, kind: TokenKind = TokenKind.SESSION, only: Sequence[Permission] | None = None
    ) -> str:
        """Issue a token to an account and note its id as the account's last."""
        token = await self.place.token_of(self.ids[f"account {name}"], kind, only)
        [row] = await self.place.run("SELECT id FROM access_token WHERE hash = :hash", hash=hash_of(token))
        self.ids[f"token {name}"] = row.id
        return token

    async def _doings(self, side: str) -> None:
        for name in ("closed", "handled", "handled too"):
            await self.incident(side, name, "handled" if name != "closed" else "closed", "done")
        for step in STEPS:
            await self.incident(side, step, STEPS[step], step)
        for step in ("offered", "accepted", "on_scene"):
            await self.incident(side, f"to answer {step}", STEPS[step], step)
        await self.incident(side, "declinable", STEPS["offered"], "offered")
        await self.incident(side, "fever", "dispatched", "offered", layer="health")
        await subscribe(self.place, self.ids, side, SIDES[side], self.ids[f"incident {side} offered"])
        await self._noted(side)

    async def incident(self, side: str, name: str, status: str, step: str, layer: str = "governance") -> UUID:
        """Add an incident of a community with its task and a history that names all workers."""
        id_, task_id, code = new_id(), new_id(), SIDES[side]
        self.ids[f"incident {side} {name}"], self.ids[f"task {side} {name}"] = id_, task_id
        lng, lat = self.at(side)
        grid = f"{code}_1" if layer == "governance" else f"{code}_H"
        at = _moment(side)
        told = "gov7" if layer == "governance" else "health7"
        row = {
            "id": id_,
            "category": "noise" if layer == "governance" else "fever",
            "layer": layer,
            "urgency": "urgent",
            "status": status,
            "description": f"{code} incident7 {told}",
            "address": f"{code} incident7 {told}",
            "point": Point(lng, lat),
            "cell": cell_of(GeoPoint(lng, lat)),
            "given_lng": lng,
            "given_lat": lat,
            "given_datum": "wgs84",
            "grid_id": self.ids[f"grid {side} 1" if layer == "governance" else f"grid {side} health"],
            "area_path": self.place.paths[grid],
            "reporter": f"account:{self.ids[f'account resident {side}']}",
            "reported_at": at,
            "filed_at": at,
            "deadline_at": at + timedelta(days=1),
            "closed_at": at if status == "closed" else None,
            "disposition": "resolved" if status == "closed" else None,
        }
        await self.place.insert(incident, row)
        await add_need(self.place, id_, "done" if step == "done" else "taken")
        await self._task(side, id_, task_id, step, row)
        await self._history(side, id_, task_id, at)
        return id_

    async def _task(self, side: str, incident_id: UUID, task_id: UUID, step: str, row: dict[str, Any]) -> None:
        whose = self.ids[f"worker {'tasked' if side == 'B' else 'worker'} {side}"]
        at, ended = row["filed_at"], step == "done"
        await self.place.insert(
            task,
            {
                "id": task_id,
                "incident_id": incident_id,
                "worker_id": whose,
                "status": step,
                "attempt_no": 1,
                "exclusive": False,
                "metres": 12.5,
                "offered_at": at,
                "offer_expires_at": at + timedelta(days=1),
                "accepted_at": None if step == "offered" else at,
                "on_scene_at": at if step in ("on_scene", "done") else None,
                "ended_at": at if ended else None,
                "reason": None,
                "result": f"{SIDES[side]} task7" if ended else None,
                "layer": row["layer"],
                "area_path": row["area_path"],
            },
        )
        if not ended:
            await self.place.run("UPDATE worker SET active_tasks = active_tasks + 1 WHERE id = :id", id=whose)

    async def _history(self, side: str, incident_id: UUID, task_id: UUID, at: datetime) -> None:
        candidates = [
            {"worker": {"id": str(id_), "code": name}, "metres": 12.5, "reason": "nearest"}
            for name, id_ in self.ids.items()
            if name.startswith("worker") and name.endswith(f" {side}")
        ]
        await self.place.run(
            """INSERT INTO incident_event (incident_id, task_id, at, kind, actor, facts)
            VALUES (:id, NULL, :at, 'filed', :actor, '{}'), (:id, :task, :at, 'offered', 'rules', CAST(:facts AS jsonb))""",
            id=incident_id,
            task=task_id,
            at=at,
            actor=f"account:{self.ids[f'account resident {side}']}",
            facts=json.dumps({"candidates": candidates, "told": SIDES[side]}),
        )

    async def _noted(self, side: str) -> None:
        account = self.ids[f"account dispatcher {side}"]
        await self.place.run(
            """SELECT audit_append(:account, :actor, 'household_viewed', :subject, 'done', NULL, '192.0.2.7',
                jsonb_build_object('told', CAST(:told AS text)))""",
            account=account,
            actor=f"account:{account}",
            subject=f"household:{self.ids[f'household {side}']}",
            told=SIDES[side],
        )
        await self.place.run(
            """INSERT INTO answer (actor, key, request_hash, status, body, made_at)
            VALUES (:actor, 'key7', '', 200, :body, now())""",
            actor=f"account:{account}",
            body=f'{{"told": "{SIDES[side]}"}}',
        )


def _moment(side: str) -> datetime:
    """Return a moment ago; B's microseconds are a mark."""
    return (datetime.now(UTC) - timedelta(seconds=30)).replace(microsecond=271828 if side == "B" else 500000)
