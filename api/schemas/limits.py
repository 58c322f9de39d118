"""How limits and the calendar are shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from data.calendars import Year
from data.limits import LimitRow
from dispatch.city import City


def limits_shown(rows: Iterable[LimitRow], years: Mapping[int, Year], city: City) -> dict[str, Any]:
    """Shape the rules by which clocks run. No category: all; no area: everywhere; a share of None: never."""
    return {
        "time_zone": city.zone.key,
        "working_hours": [[f"{starts:%H:%M}", f"{ends:%H:%M}"] for starts, ends in city.clockwork.calendar.hours],
        "limits": [
            {
                "category": row.category,
                "area": row.area,
                "step": row.limit.step,
                "amount": row.limit.amount,
                "unit": row.limit.unit,
                "remind": row.limit.remind_share,
                "supervise": row.limit.supervise_share,
            }
            for row in rows
        ],
        "years": [
            {
                "year": year.year,
                "source": year.source,
                "rest": sorted(day for day, works in year.days.items() if not works),
                "work": sorted(day for day, works in year.days.items() if works),
            }
            for year in sorted(years.values(), key=lambda one: one.year)
        ],
    }
