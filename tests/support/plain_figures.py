"""Figures in plain SQL, written apart from the product: what it counts must equal this."""

from collections.abc import Mapping
from typing import Any

ROWS = """
WITH timed AS (
    SELECT i.*, (i.reported_at AT TIME ZONE 'Asia/Shanghai')::date AS reported_on,
           (i.filed_at AT TIME ZONE 'Asia/Shanghai')::date AS filed_on,
           (i.closed_at AT TIME ZONE 'Asia/Shanghai')::date AS closed_on,
           c.skill = 'mediation' AS dispute
    FROM incident i JOIN category c ON c.code = i.category WHERE {where}
), filed AS (
    SELECT * FROM timed WHERE filed_on BETWEEN :first AND :last
      AND status NOT IN ('reported', 'received', 'verifying', 'rejected', 'void', 'duplicate')
)
"""
KEYS: Mapping[str, str] = {
    "total": "'all'",
    "grid": "(SELECT a.code FROM area a WHERE a.level = 'grid' AND x.area_path <@ a.path)",
    "community": "(SELECT a.code FROM area a WHERE a.level = 'community' AND x.area_path <@ a.path)",
    "worker": "(SELECT w.code FROM worker w WHERE w.id = x.handler_id)",
    "department": """(SELECT d.code FROM worker d WHERE d.id = coalesce(x.department_id,
        (SELECT w.id FROM worker w WHERE w.id = x.handler_id AND w.kind = 'department'),
        (SELECT m.unit_id FROM membership m JOIN worker u ON u.id = m.unit_id
         WHERE m.worker_id = x.handler_id AND u.kind = 'department')))""",
    "category": "x.category",
    "day": "x.{day}::text",
    "week": "date_trunc('week', x.{day})::date::text",
    "month": "date_trunc('month', x.{day})::date::text",
}


def counted(name: str, which: str) -> str:
    return f"count(*) FILTER (WHERE {which}) AS {name}"


def share(name: str, of: str, n: str) -> str:
    return f"{counted(f'{name}_of', of)}, {counted(f'{name}_n', f'({of}) AND ({n})')}"


def clock(step: str) -> str:
    """Late: any round ended late, or runs past its due. In time: some round ended in time, and it is not late."""
    rounds = f"SELECT FROM clock k WHERE k.incident_id = x.id AND k.step = '{step}'"
    running = "k.ended_at IS NULL AND k.paused IS NULL AND k.missing_year IS NULL AND k.due_at < :now"
    late = f"EXISTS ({rounds} AND (k.late OR {running}))"
    in_time = f"EXISTS ({rounds} AND NOT k.late)"
    return share(f"on_time_{step}", f"{late} OR {in_time}", f"NOT {late}")


def duration(name: str, until: str) -> str:
    took = f"extract(epoch FROM x.{until} - x.reported_at)"
    parts = [counted(f"{name}_n", f"x.{until} IS NOT NULL")]
    for part, share_ in (("median", 0.5), ("p90", 0.9)):
        parts.append(f"floor(percentile_disc({share_}) WITHIN GROUP (ORDER BY {took}))::bigint AS {name}_{part}")
    return ", ".join(parts)


CLOSED = "x.status = 'closed'"
ONCE_CLOSED = f"({CLOSED} OR x.reopenings > 0)"
JUDGED = f"x.stars IS NOT NULL AND {ONCE_CLOSED}"
FILED = ", ".join(
    (
        "count(*) AS filed",
        counted("closed", CLOSED),
        counted("open", f"NOT {CLOSED}"),
        share("closure_rate", "true", CLOSED),
        share("same_day", "true", f"{CLOSED} AND x.closed_on = x.filed_on"),
        share("two_days", "true", f"{CLOSED} AND x.closed_on <= x.filed_on + 1"),
        share("three_days", "true", f"{CLOSED} AND x.closed_on <= x.filed_on + 2"),
        *(clock(step) for step in ("dispatch", "arrive", "handle", "verify")),
        share(
            "first_time",
            f"x.dispute AND {ONCE_CLOSED}",
            f"{CLOSED} AND x.disposition = 'mediated' AND x.reworks = 0 AND x.reopenings = 0",
        ),
        share(
            "rework_rate",
            "x.handled_at IS NOT NULL OR x.handler_id IS NOT NULL OR x.reworks > 0",
            "x.reworks > 0",
        ),
        share("reopening_rate", ONCE_CLOSED, "x.reopenings > 0"),
        share("satisfaction", JUDGED, "x.solved AND x.stars >= 3"),
        share("response_rate", ONCE_CLOSED, JUDGED),
        f"{counted('stars_n', JUDGED)}, round(avg(x.stars) FILTER (WHERE {JUDGED}), 6)::float8 AS stars_value",
        duration("time_to_accept", "accepted_at"),
        duration("time_to_scene", "scene_at"),
        duration("time_to_handle", "handled_at"),
    )
)
REPORTED = f"count(*) AS reported, {counted('set_aside', "x.status IN ('rejected', 'void', 'duplicate')")}"


def statements(by: str, where: str) -> tuple[str, str, str]:
    """Return the statements for what was filed, reported and closed in a period, each by the same key."""
    rows, key = ROWS.format(where=where), KEYS[by]
    return (
        f"{rows} SELECT {key.format(day='filed_on')} AS key, {FILED} FROM filed x GROUP BY 1",
        f"{rows} SELECT {key.format(day='reported_on')} AS key, {REPORTED}, {clock('receive')} "
        "FROM timed x WHERE reported_on BETWEEN :first AND :last GROUP BY 1",
        f"{rows} SELECT {key.format(day='closed_on')} AS key, count(*) AS closed_in_period FROM timed x "
        "WHERE status = 'closed' AND closed_on BETWEEN :first AND :last GROUP BY 1",
    )


def flat(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return told figures under the names that the statements give theirs."""
    found: dict[str, Any] = {}
    for code, told in figures.items():
        if "of" in told:
            found |= {f"{code}_of": told["of"], f"{code}_n": told["n"]}
        elif "median" in told:
            found |= {f"{code}_n": told["n"], f"{code}_median": told["median"], f"{code}_p90": told["p90"]}
        elif "n" in told:
            found |= {f"{code}_n": told["n"], f"{code}_value": told["value"]}
        else:
            found[code] = told["value"]
    return found
