"""`wangge load limits` and `wangge load calendar`, as whoever holds the machine uses them."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from data.health import judge_years
from tests.support.place import Place

Run = Callable[..., Awaitable[Result]]
LIMITS = """working_hours = [["09:00", "17:00"]]
[[limit]]
category = "{category}"
step = "handle"
amount = 3
unit = "{unit}"
"""


@pytest.fixture
async def run(server_url: str, owner_url: str, place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Lend the command, on this test's database."""
    await place.add_town()
    monkeypatch.setenv("WANGGE_DATABASE_URL", server_url)
    monkeypatch.setenv("WANGGE_OWNER_DATABASE_URL", owner_url)
    monkeypatch.setattr(import_module("api.cli.database"), "end_in_order", lambda: None)

    async def on(what: str, words: str) -> Result:
        file = tmp_path / "x.toml"
        file.write_text(words, encoding="utf-8")
        return await asyncio.to_thread(CliRunner().invoke, app, ("load", what, str(file)))

    return on


async def test_limits_and_years_are_loaded_whole_or_not_at_all(run: Run, place: Place) -> None:
    [year] = [
        row.year
        for row in await place.run("SELECT extract(year FROM now() AT TIME ZONE time_zone)::int AS year FROM town")
    ]
    calendar = f'year = {year}\nsource = "x"\n[[holiday]]\nname = "x"\nrest = [{year}-01-01]\n'
    loaded = await run("calendar", calendar)
    assert (loaded.exit_code, loaded.stderr.splitlines()[0]) == (
        0,
        f"✓ {year}: 1 days of rest, 0 weekend days worked",
    )
    taken = await run("limits", LIMITS.format(category="other", unit="working_days"))
    assert (taken.exit_code, taken.stderr.splitlines()[0]) == (0, "✓ 1 limits"), taken.stderr
    for category, unit, why in (
        ("none", "hours", "There is no category none."),
        ("other", "moons", "These are no limits"),
    ):
        refused = await run("limits", LIMITS.format(category=category, unit=unit))
        assert (refused.exit_code, why in refused.stderr) == (1, True), refused.stderr
    [kept] = await place.run("SELECT l.unit, t.working_hours FROM time_limit l, town t")
    assert (kept.unit, kept.working_hours) == ("working_days", [["09:00:00", "17:00:00"]])
    assert (await run("calendar", "year = 3")).exit_code == 1
    assert [row.kind for row in await place.run("SELECT kind FROM outbox")] == ["rules", "rules"]


def test_the_doctor_asks_for_next_year_from_december_on() -> None:
    def found(month: int, *known: int) -> list[object]:
        return [(one.code, one.facts) for one in judge_years(2026, month, known, 0)]

    missing = ("calendar_missing", {"year": 2027})
    assert (found(11, 2026), found(12, 2026), found(12, 2026, 2027)) == ([], [missing], [])
    assert found(1) == [("calendar_missing", {"year": 2026})]
    assert [one.code for one in judge_years(2026, 5, [2026], 3)] == ["clocks_without_calendar"]
    assert judge_years(None, None, [], 0) == []
