"""A duty chief's desk: a served town with three people, and what is asked of their rosters."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.support.client import bearing
from tests.support.place import middle
from tests.support.staff import Staff


@dataclass
class Rota:
    """W1 and W2 of grid G00 work early and late every day, W3 of G10 never does; W1 can put out fires."""

    staff: Staff
    token: str
    today: date = field(default_factory=lambda: datetime.now(ZoneInfo("Asia/Shanghai")).date())

    @classmethod
    async def of(cls, staff: Staff) -> "Rota":
        """Hire them and open the town."""
        early, late = (time(6), time(14)), (time(14), time(22))
        await staff.hire("W1", middle(0, 0), home="G00", shift=early, skills=("fire",))
        await staff.hire("W2", middle(0, 0), home="G00", shift=late)
        await staff.hire("W3", middle(1, 0), home="G10", shift=None)
        await staff.open()
        return cls(staff, await staff.place.token("duty_chief"))

    @property
    def ids(self) -> dict[str, UUID]:
        """Ids of workers by code."""
        return self.staff.ids

    async def get(self, path: str, token: str | None = None) -> Any:
        """Ask as the chief, or with another token."""
        return await self.staff.client.get(path, headers=bearing(token or self.token))

    async def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        """Post as the chief."""
        return await self.staff.client.post(path, json=body, headers=bearing(self.token) | (headers or {}))

    async def roster(self, query: str = "") -> Any:
        """Return what is listed."""
        answer = await self.get(f"/api/roster{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def days(self, code: str, first: date) -> Any:
        """Return a worker's seven days from one on."""
        items = (await self.roster(f"?from={first}"))["items"]
        return next(one for one in items if one["code"] == code)["days"]

    async def week(self, code: str, patterns: list[Any]) -> tuple[int, Any]:
        """Replace a worker's weekly pattern."""
        path = f"/api/workers/{self.ids[code]}/roster"
        answer = await self.staff.client.put(path, json={"patterns": patterns}, headers=bearing(self.token))
        return answer.status_code, answer.json()

    async def change(self, code: str, day: date, reason: str, shifts: list[Any]) -> tuple[int, Any]:
        """Say what a worker's day is."""
        body = {"day": str(day), "reason": reason, "shifts": shifts}
        answer = await self.post(f"/api/workers/{self.ids[code]}/days", body)
        return answer.status_code, answer.json()

    async def restore(self, code: str, day: date) -> tuple[int, Any]:
        """Take back what was said of a worker's day."""
        path = f"/api/workers/{self.ids[code]}/days/{day}"
        answer = await self.staff.client.delete(path, headers=bearing(self.token))
        return answer.status_code, answer.json()

    async def swap(self, one: str, other: str, day: date, other_day: date | None = None) -> tuple[int, Any]:
        """Let two trade shifts."""
        body = {"day": str(day), "worker": str(self.ids[one]), "with": str(self.ids[other])}
        more = {} if other_day is None else {"with_day": str(other_day)}
        answer = await self.post("/api/roster/swaps", body | more)
        return answer.status_code, answer.json()

    async def take_back(self, swap: str) -> tuple[int, Any]:
        """Take a swap back; of a refusal return its code."""
        answer = await self.staff.client.delete(f"/api/roster/swaps/{swap}", headers=bearing(self.token))
        told = answer.json()
        return answer.status_code, told.get("code", told)

    async def counted(self) -> int:
        """Count what is said of days."""
        [row] = await self.staff.place.run("SELECT count(*) AS n FROM duty_exception")
        return int(row.n)
