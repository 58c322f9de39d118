"""The command centre's hand, its people and what it acts on; and the clocks, pushed back where hours must pass."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.client import Client, bearing, until
from tests.support.place import Place, middle
from tests.support.sound import faults
from tests.support.staff import Staff

WHY = {"reason": "核对后决定"}
BODIES: dict[str, dict[str, Any]] = {
    "receive": {},
    "verify": {},
    "file": {},
    "reject": WHY,
    "dispatch": WHY | {"worker": "$W2"},
    "withdraw": WHY | {"task": "$task"},
    "add": WHY | {"worker": "$W3"},
    "merge": {"original": "$original"},
    "return": WHY,
    "shelve": WHY,
    "resume": {},
    "await": {},
    "go-on": {},
    "whistle": WHY,
    "extend": WHY | {"until": "2027-06-01T00:00:00+08:00"},
    "refuse-extension": WHY,
    "supervise": {"note": "盯紧"},
    "remind": {},
    "inspect": {},
    "rework": WHY,
    "close": {"disposition": "resolved"},
    "void": WHY,
    "reopen": WHY,
}
"""A body for each act; `$W2` is a worker's id, `$task` the task somebody has, `$original` another incident."""
WAYS: dict[str, tuple[str, ...]] = {
    "reported": (),
    "received": ("receive",),
    "verifying": ("verify",),
    "filed": ("~noise", "withdraw held"),
    "rejected": ("reject",),
    "void": ("void",),
    "dispatched": ("~noise",),
    "handling": ("~noise", "!accept", "!arrive"),
    "handled": ("~noise", "!accept", "!finish"),
    "inspecting": ("~noise", "!accept", "!finish", "inspect"),
    "closed": ("~noise", "!accept", "!finish", "close"),
    "duplicate": ("merge",),
    "returned": ("~noise", "return"),
    "extension_requested": ("~noise", "!accept", "!extension"),
    "shelved": ("~noise", "shelve"),
}
"""How an incident gets where it stands: reported as `checked` (sorted by hand) or `~` as something else; `!` the worker."""
SAYS: dict[str, dict[str, Any]] = {
    "finish": {"result": "done"},
    "decline": {"reason": "busy"},
    "extension": WHY | {"until": "2027-06-01T00:00:00+08:00"},
}
PASS = """
    WITH a AS (UPDATE timer SET due_at = due_at - CAST(:by AS interval)),
    b AS (UPDATE need SET rung_since = rung_since - CAST(:by AS interval)),
    c AS (UPDATE task SET offered_at = offered_at - CAST(:by AS interval),
        offer_expires_at = offer_expires_at - CAST(:by AS interval), accepted_at = accepted_at - CAST(:by AS interval),
        on_scene_at = on_scene_at - CAST(:by AS interval), ended_at = ended_at - CAST(:by AS interval)),
    d AS (UPDATE incident SET reported_at = reported_at - CAST(:by AS interval),
        filed_at = filed_at - CAST(:by AS interval), deadline_at = deadline_at - CAST(:by AS interval),
        scene_due_at = scene_due_at - CAST(:by AS interval), closed_at = closed_at - CAST(:by AS interval),
        accepted_at = accepted_at - CAST(:by AS interval), scene_at = scene_at - CAST(:by AS interval),
        handled_at = handled_at - CAST(:by AS interval)),
    e AS (UPDATE reservation SET during = tstzrange(
        lower(during) - CAST(:by AS interval), upper(during) - CAST(:by AS interval))),
    g AS (UPDATE clock SET started_at = started_at - CAST(:by AS interval),
        running_since = running_since - CAST(:by AS interval), due_at = due_at - CAST(:by AS interval),
        ended_at = ended_at - CAST(:by AS interval), reminded_at = reminded_at - CAST(:by AS interval),
        overdue_at = overdue_at - CAST(:by AS interval), supervised_at = supervised_at - CAST(:by AS interval),
        ran = (SELECT coalesce(jsonb_agg(jsonb_build_array(
            (r ->> 0)::timestamptz - CAST(:by AS interval), (r ->> 1)::timestamptz - CAST(:by AS interval))), '[]')
            FROM jsonb_array_elements(ran) r)),
    f AS (UPDATE worker SET rest_until = rest_until - CAST(:by AS interval), changed = pg_current_xact_id()
        WHERE rest_until IS NOT NULL)
    UPDATE incident_event SET at = at - CAST(:by AS interval)"""


async def pass_time(place: Place, by: timedelta) -> None:
    """Let time pass for all that has happened and is to happen; whoever is on the map stays freshly seen."""
    for _ in range(50):
        try:
            async with place.engine.begin() as connection:
                await connection.execute(
                    text("SET LOCAL lock_timeout = '100ms'")
                )  # gives way before a deadlock is one
                await connection.execute(text("LOCK TABLE timer, incident IN EXCLUSIVE MODE"))
                await connection.execute(text(PASS), {"by": by})
        except DBAPIError as error:
            assert getattr(error.orig, "sqlstate", None) in ("40P01", "55P03"), error
        else:
            return
    raise AssertionError("time does not pass")


class Hand:
    """The centre's people of a staffed place: `chief` may do every act, `dispatcher` what a dispatcher may."""

    def __init__(self, staff: Staff, tokens: dict[str, str]) -> None:
        self.staff, self.place, self.client, self.tokens = staff, staff.place, staff.client, tokens

    @classmethod
    async def of(cls, staff: Staff) -> "Hand":
        """Add the people and a kind of matter that is `checked` by hand before anybody is sent."""
        roles = {"chief": "duty_chief", "chief 2": "duty_chief", "dispatcher": "dispatcher", "resident": "resident"}
        tokens = {name: await staff.place.token(role) for name, role in roles.items()}
        await staff.place.add_category("checked", sorted_by_hand=True)
        return cls(staff, tokens)

    async def open(self) -> None:
        """Hire W1 nearest, then W2 and W3, each of whom carries much, and let the city load it all."""
        for number, code in enumerate(("W1", "W2", "W3")):
            await self.staff.hire(code, middle(0.1 * number, 0), capacity=100)
        await self.place.add_department("D1", "noise", capacity=100)
        await self.staff.open()

    async def act(self, incident: str, act: str, who: str = "chief", **body: Any) -> Any:
        """Do something to an incident and return the answer; `key` makes it once."""
        headers = bearing(self.tokens[who]) | ({"Idempotency-Key": body.pop("key")} if "key" in body else {})
        return await self.client.post(f"/api/incidents/{incident}/{act}", json=body, headers=headers)

    async def does(self, incident: str, act: str, who: str = "chief", **body: Any) -> Any:
        """Do something that must be taken, and return what is answered."""
        answer = await self.act(incident, act, who, **body)
        assert answer.status_code == 200, (act, answer.text)
        return answer.json()

    async def body(self, incident: str, act: str) -> dict[str, Any]:
        """Return a good body for an act on an incident; what is to go on is made to wait first."""
        if act == "go-on":
            await self.act(incident, "await")
        body = dict(BODIES[act])
        for name, value in body.items():
            if value == "$task":
                rows = await self.active(incident)
                body[name] = rows[0]["id"] if rows else incident
            elif value == "$original":
                body[name] = (await self.client.report("checked")).json()["id"]
            elif str(value).startswith("$"):
                body[name] = str(self.staff.ids[value[1:]])
        return body

    async def bring(self, status: str) -> str:
        """Report an incident and bring it, by what people do, to where it shall stand."""
        way = list(WAYS[status])
        category = way.pop(0)[1:] if way and way[0].startswith("~") else "checked"
        incident: str = (await self.client.report(category)).json()["id"]
        for step in way:
            await self.step(incident, step)
        [row] = await self.place.run("SELECT status FROM incident WHERE id = :id", id=incident)
        assert row.status == status
        return incident

    async def step(self, incident: str, step: str) -> None:
        """Take one step of a way: an act, `!` what the worker says, or the place kept for the hand."""
        if step.startswith("!"):
            [task] = await self.active(incident)
            answer = await self.staff.say(task["code"], task["id"], step[1:], **SAYS.get(step[1:], {}))
            assert answer.status_code == 200, answer.text
        elif step == "withdraw held":
            await self.does(incident, "withdraw", **await self.body(incident, "withdraw"), hold=True)
        else:
            await self.does(incident, step, **await self.body(incident, step))

    async def active(self, incident: str) -> list[dict[str, Any]]:
        """Return the tasks that somebody has: id, slot, status, worker's code, whom."""
        rows = await self.place.run(
            """SELECT t.id::text AS id, t.slot, t.status, w.code, t.whom, t.by_hand FROM task t
            JOIN worker w ON w.id = t.worker_id WHERE t.incident_id = :id AND t.ended_at IS NULL ORDER BY t.attempt_no""",
            id=incident,
        )
        return [dict(row._mapping) for row in rows]

    async def who(self, incident: str) -> dict[str, str]:
        """Return by slot the code of whoever has it."""
        return {task["slot"]: task["code"] for task in await self.active(incident)}

    async def needs(self, incident: str) -> dict[str, str]:
        """Return the state of each place."""
        return {
            row.slot: row.state
            for row in await self.place.run("SELECT slot, state FROM need WHERE incident_id = :id", id=incident)
        }

    async def timers(self, incident: str) -> list[str]:
        """Return the kinds of the timers that run, but for those that remind and supervise."""
        rows = await self.place.run(
            "SELECT kind FROM timer WHERE incident_id = :id AND kind NOT IN ('remind', 'supervise') ORDER BY kind",
            id=incident,
        )
        return [row.kind for row in rows]

    async def lines(self, incident: str) -> list[str]:
        """Return the kinds of the lines of history."""
        return [line["kind"] for line in await self.history(incident)]

    async def history(self, incident: str) -> list[dict[str, Any]]:
        """Return the lines of history as they are kept."""
        rows = await self.place.run(
            "SELECT id, kind, actor, status_from, status_to, facts FROM incident_event WHERE incident_id = :id ORDER BY id",
            id=incident,
        )
        return [dict(row._mapping) for row in rows]

    async def stands(self, incident: str) -> str:
        """Return where an incident stands."""
        [row] = await self.place.run("SELECT status FROM incident WHERE id = :id", id=incident)
        return str(row.status)

    async def until_lines(self, incident: str, *kinds: str, seconds: float = 6.0) -> None:
        """Wait until the history holds these lines, the others left out."""

        async def told() -> bool:
            return [kind for kind in await self.lines(incident) if kind in kinds] == list(kinds)

        try:
            await until(told, seconds)
        except TimeoutError:
            raise AssertionError(await self.lines(incident)) from None

    async def until_count(self, incident: str, kind: str, count: int, seconds: float = 6.0) -> None:
        """Wait until the history holds so many lines of a kind."""

        async def told() -> bool:
            return (await self.lines(incident)).count(kind) == count

        await until(told, seconds)

    async def until_timers(self, incident: str, *kinds: str, seconds: float = 6.0) -> None:
        """Wait until just these timers run."""

        async def run() -> bool:
            return await self.timers(incident) == sorted(kinds)

        await until(run, seconds)

    async def until_who(self, incident: str, wanted: dict[str, str], seconds: float = 6.0) -> None:
        """Wait until just these have the places."""

        async def sent() -> bool:
            return await self.who(incident) == wanted

        try:
            await until(sent, seconds)
        except TimeoutError:
            raise AssertionError((await self.who(incident), await self.lines(incident))) from None


@asynccontextmanager
async def at_hand(place: Place, client: Client) -> AsyncIterator[Hand]:
    """Lend the hand of a built town; what was done there must fit together in the end."""
    staff = Staff(place, client)
    await staff.build()
    yield await Hand.of(staff)
    assert await faults(place) == []
