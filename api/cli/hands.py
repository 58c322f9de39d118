"""What the simulated workers of a demo town say to their tasks, for themselves or for their unit."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

from api.process import Process
from data.categories import Urgency
from data.demo.doings import Doing
from data.incidents import Status
from data.rights import Rights
from data.tasks import TaskStatus
from data.tokens import Actor
from data.workers import Kind
from dispatch.desk.answer import DeclineReason, Said, answer
from dispatch.desk.pause import ask_extension, return_own
from dispatch.desk.whistle import Called, whistle_from_the_ground

Act = Callable[[], Awaitable[None]]

LONGEST_WAY_S = 420.0
DRIVES_M_S = 7.0
SETS_OUT_AFTER_S = 40.0
LOOKS_AROUND_S = 12.0
SILENT, WRONG, DECLINED = 0.985, 0.97, 0.94
"""Of a chance between 0 and 1, from where on a worker does not answer, returns what is not his, or declines."""
WHISTLES = {Urgency.EMERGENCY: 0.35, Urgency.URGENT: 0.12, Urgency.ORDINARY: 0.05}
ASKS_FOR_TIME = 0.92
MORE_TIME = timedelta(minutes=45)
NOT_MINE = "不属于本岗位职责，请改派"
COME = "需要部门到场配合处置"
WAITING_FOR_PARTS = "现场情况复杂，需要等待配件，申请延时"


class Hands:
    """Everybody who has a task and whose part no person has taken."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._asked: set[UUID] = set()

    def next_step(self, doing: Doing, there: bool) -> Act | None:
        """Return what is said now, if anything; the same task always goes the same way. `there`: on foot, at the place."""
        chance, second = (doing.task_id.int % 997) / 997, (doing.task_id.int // 997 % 991) / 991
        if doing.status == TaskStatus.OFFERED:
            return self._to_an_offer(doing, chance, second)
        if doing.status == TaskStatus.ACCEPTED:
            arrived = there if doing.kind is Kind.PERSON else doing.seconds > _drive_s(doing, chance)
            return self._says(doing, Said(TaskStatus.ON_SCENE)) if arrived or _is_late(doing) else None
        extra = self._on_scene(doing, second) if doing.task_id not in self._asked else None
        if extra is None and doing.seconds > 40 + 110 * chance:
            return self._says(doing, Said(TaskStatus.DONE if chance < SILENT else TaskStatus.FAILED))
        return extra

    def _to_an_offer(self, doing: Doing, chance: float, second: float) -> Act | None:
        if doing.seconds < 4 + 16 * chance or second > SILENT:
            return None
        if doing.kind is not Kind.PERSON or second < DECLINED:
            return self._says(doing, Said(TaskStatus.ACCEPTED))
        if second < WRONG:
            return self._says(doing, Said(TaskStatus.DECLINED, DeclineReason.BUSY))
        return partial(self._return, doing)

    def _on_scene(self, doing: Doing, second: float) -> Act | None:
        """Whistle for departments, or ask for more time: once, after looking around."""
        if doing.seconds < LOOKS_AROUND_S or doing.kind is Kind.DEPARTMENT:
            return None
        rule = self._process.city.rules.get(doing.category)
        if rule is not None and rule.departments and second < WHISTLES[rule.urgency]:
            return partial(self._whistle, doing)
        calm = rule is not None and rule.urgency is not Urgency.EMERGENCY
        asking = doing.incident_status in (Status.DISPATCHED, Status.HANDLING)
        return partial(self._ask_for_time, doing) if calm and asking and second > ASKS_FOR_TIME else None

    def _says(self, doing: Doing, said: Said) -> Act:
        return partial(self._say, doing, said)

    async def _say(self, doing: Doing, said: Said) -> None:
        async with self._process.store.books.open() as book:
            await answer(doing.task_id, said, _actor(doing), self._process.city, book)

    async def _return(self, doing: Doing) -> None:
        async with self._process.store.books.open() as book:
            await return_own(doing.task_id, NOT_MINE, _actor(doing), book)

    async def _whistle(self, doing: Doing) -> None:
        self._asked.add(doing.task_id)
        async with self._process.store.books.open() as book:
            called = Called((), COME)
            await whistle_from_the_ground(doing.task_id, called, _actor(doing), self._process.city, book)

    async def _ask_for_time(self, doing: Doing) -> None:
        self._asked.add(doing.task_id)
        async with self._process.store.books.open() as book:
            await ask_extension(doing.task_id, doing.until + MORE_TIME, WAITING_FOR_PARTS, _actor(doing), book)


def _actor(doing: Doing) -> Actor:
    who = doing.member or doing.worker_id
    return Actor(who, None, who, Rights(), units=frozenset({doing.worker_id}) - {who})


def _drive_s(doing: Doing, chance: float) -> float:
    """Return how long a unit drives; a department that was called from its office as long as chance says."""
    return SETS_OUT_AFTER_S + (120 * chance if doing.metres is None else doing.metres / DRIVES_M_S)


def _is_late(doing: Doing) -> bool:
    return doing.seconds > LONGEST_WAY_S
