"""Rights: single permissions, the roles that bundle them, and where in the tree a person holds each."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from sqlalchemy import Boolean, Column, ForeignKey, Table, Text, UniqueConstraint, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.schema import metadata


class Permission(StrEnum):
    """One thing a person may do; roles are rows that bundle them."""

    INCIDENT_REPORT = "incident.report"
    INCIDENT_VIEW = "incident.view"
    INCIDENT_CLOSE = "incident.close"
    INCIDENT_SORT = "incident.sort"
    INCIDENT_DISPATCH = "incident.dispatch"
    INCIDENT_SUPERVISE = "incident.supervise"
    INCIDENT_EXPORT = "incident.export"
    TASK_ANSWER = "task.answer"
    WORKER_VIEW = "worker.view"
    WORKER_MOVE = "worker.move"
    GROUND_VIEW = "ground.view"
    GROUND_CHECK = "ground.check"
    GROUND_CHANGE = "ground.change"
    ROSTER_MANAGE = "roster.manage"
    NOTICE_MANAGE = "notice.manage"
    HOUSEHOLD_VIEW = "household.view"
    ACCOUNT_VIEW = "account.view"
    ACCOUNT_MANAGE = "account.manage"
    ROLE_ASSIGN = "role.assign"
    AUDIT_VIEW = "audit.view"
    FIGURES_VIEW = "figures.view"
    FIGURES_OWN = "figures.own"


permission = Table(
    "permission",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
)

role = Table(
    "role",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("administrator", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("code", "administrator"),
)

role_permission = Table(
    "role_permission",
    metadata,
    Column("role", ForeignKey("role.code"), primary_key=True),
    Column("permission", ForeignKey("permission.code"), primary_key=True),
)

RESERVED = (Permission.ACCOUNT_MANAGE, Permission.ROLE_ASSIGN, Permission.AUDIT_VIEW)
"""Who holds one of these is an administrator, whatever the role is called."""
EVERYWHERE = ""
NO_LAYER = "_"
GOVERNANCE = "governance"
ROLES = text("""
    SELECT r.code, r.name, r.name_en, r.administrator,
           coalesce(jsonb_agg(jsonb_build_object('code', p.code, 'name', p.name, 'name_en', p.name_en)
                    ORDER BY p.code) FILTER (WHERE p.code IS NOT NULL), '[]')::text AS permissions
    FROM role r LEFT JOIN role_permission rp ON rp.role = r.code LEFT JOIN permission p ON p.code = rp.permission
    GROUP BY r.code ORDER BY r.administrator, r.code
""")


KIND = text("""
    SELECT r.administrator, EXISTS (
        SELECT FROM role_permission rp WHERE rp.role = r.code AND rp.permission = ANY(:reserved)) AS reserved
    FROM role r WHERE r.code = :code
""")


def _lies_in(wanted: str, keys: Iterable[str]) -> bool:
    return any(key in (EVERYWHERE, wanted) or wanted.startswith(f"{key}.") for key in keys)


@dataclass(frozen=True)
class Rights:
    """Where a person holds each permission, as scope keys: `layer.area path`, `_.area path` for what has no layer.

    The empty key is everywhere. Keys are sorted, so that equal rights are equal.
    """

    held: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, given: str) -> "Rights":
        """Read what `text` writes."""
        return cls({code: tuple(sorted(keys)) for code, keys in sorted(json.loads(given).items())})

    @cached_property
    def text(self) -> str:
        """The rights as JSON text, the same for equal rights: what a transaction is told and a cache is keyed by."""
        return json.dumps({code: list(keys) for code, keys in self.held.items()}, separators=(",", ":"))

    def __hash__(self) -> int:
        return hash(self.text)

    def may(self, *any_of: Permission) -> bool:
        """Say whether any of these permissions is held anywhere."""
        return any(code in self.held for code in any_of)

    def may_everywhere(self, code: Permission) -> bool:
        """Say whether a permission is held for the whole town."""
        return EVERYWHERE in self.held.get(code, ())

    def covers(self, code: Permission, layer: str | None, path: str | None) -> bool:
        """Say whether a permission reaches what lies in an area; None for both what has no layer and lies nowhere."""
        return _lies_in(".".join(part for part in (layer or NO_LAYER, path) if part), self.held.get(code, ()))

    def within_both(self, code: Permission, other: Permission) -> tuple[str, ...]:
        """Return the scope keys that two permissions both reach."""
        ones, others = self.held.get(code, ()), self.held.get(other, ())
        return tuple(sorted({*(k for k in ones if _lies_in(k, others)), *(k for k in others if _lies_in(k, ones))}))

    def first_layer(self, code: Permission) -> str:
        """Return the grid layer that is shown first: governance where the permission reaches it, else the first it does."""
        reached = {key.partition(".")[0] for key in self.held.get(code, ())} - {NO_LAYER}
        return (
            min(reached, key=lambda layer: (layer not in (EVERYWHERE, GOVERNANCE), layer), default=EVERYWHERE)
            or GOVERNANCE
        )


@dataclass(frozen=True, slots=True)
class RoleKind:
    """`administrator`: townwide, and one per account. `reserved`: given and taken at the command line only."""

    administrator: bool
    reserved: bool


class Roles:
    """Statements on roles."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> list[str]:
        """Return every role with its permissions as JSON text, administrators last."""
        rows = await self._connection.execute(ROLES)
        return [
            json.dumps(
                {"code": row.code, "name": row.name, "name_en": row.name_en, "administrator": row.administrator}
                | {"permissions": json.loads(row.permissions)},
                ensure_ascii=False,
            )
            for row in rows
        ]

    async def kind(self, code: str) -> RoleKind | None:
        """Read what kind of role it is; None when there is no such role."""
        row = (await self._connection.execute(KIND, {"code": code, "reserved": list(RESERVED)})).one_or_none()
        return None if row is None else RoleKind(row.administrator, row.administrator or row.reserved)
