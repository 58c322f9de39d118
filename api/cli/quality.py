"""`wangge quality`: look at the ground, say what is wrong with it, propose a repair."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from api.cli.database import logins, say
from api.i18n import page_texts
from api.settings import Settings
from geo.quality.faults import Kind

Layer = Annotated[str | None, typer.Option(help="Only what is wrong in this grid layer.")]
CLEAN, FAULTY, FAILED = 0, 1, 2
UNITS = {"m2": "m²"}


def quality(
    context: typer.Context,
    layer: Layer = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write all of it to this file.")] = None,
    geojson: Annotated[Path | None, typer.Option(help="Write the faults as GeoJSON, WGS 84.")] = None,
) -> None:
    """Look at the whole ground and print what is wrong, with the worst of each kind; it is kept for the page /quality.

    Exit code 0: clean, 1: there are faults, 2: the look failed.
    """
    if context.invoked_subcommand is not None:
        return
    with logins(Settings()) as urls:
        check, rows = asyncio.run(_looked(urls.server))
    rows = [row for row in rows if layer in (None, row["layer"])]
    counts = check["counts"] if layer is None else _counted(rows, check["counts"])
    _tell(check["seen"], counts, rows)
    if as_json is not None:
        told = {"check": str(check["id"]), "counts": counts, "seen": check["seen"], "faults": rows}
        as_json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if geojson is not None:
        features = {"type": "FeatureCollection", "features": [_feature(row) for row in rows]}
        geojson.write_text(json.dumps(features, ensure_ascii=False) + "\n", encoding="utf-8")
    raise typer.Exit(FAULTY if any(counts.values()) else CLEAN)


def repair(layer: Annotated[str, typer.Option(help="The grid layer to mend.")] = "governance") -> None:
    """Propose a repair of a layer: nothing changes until somebody accepts it on the page /quality.

    Exit code 0: a proposal was made, 2: none was, and why.
    """
    with logins(Settings()) as urls:
        proposal = asyncio.run(_repaired(urls.server, layer))
    if proposal["status"] != "proposed":
        _stop(proposal["reason"])
    summary = proposal["summary"]
    for name in ("grids", "moved_m2", "households_moved"):
        say(f"✓ {_both(f'quality.{name}')}: {summary[name]:,.0f}")
    for kind, before in summary["before"].items():
        if before or summary["after"][kind]:
            say(f"  {_both(f'ground_fault.{kind}')}: {before} → {summary['after'][kind]}")
    say(f"  {_both('quality.decide_on_page')}")
    typer.echo(proposal["id"])


async def _looked(url: str) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    from api.ground_jobs import BOUNDS, run_job
    from data.checks import Checks, CheckStatus, WantedFaults
    from data.engine import Role
    from data.store import Store, transaction
    from dispatch.desk.check_ground import ask_for_check, give_up_check
    from dispatch.errors import CheckRunningError

    store = Store(url, pool_size=4)
    try:
        async with store.books.open() as book:
            id_ = await ask_for_check(None, book)
        reason: str | None = "stopped"
        try:
            reason = await run_job(url, "check", id_, BOUNDS["check"])
        finally:
            if reason is not None:
                await give_up_check(id_, CheckStatus.FAILED, reason, store.books)
    except CheckRunningError as error:
        _stop(error.code)
    finally:
        await store.close()
    if reason is not None:
        _stop(reason)
    async with transaction(url, Role.DISPATCHER) as connection:
        checks = Checks(connection)
        check = next(row for row in await checks.latest() if row["id"] == id_)
        rows, after = await checks.faults(id_, WantedFaults(limit=10_000))
        while after is not None:
            more, after = await checks.faults(id_, WantedFaults(after=after, limit=10_000))
            rows += more
    return check, [json.loads(row) for row in rows]


async def _repaired(url: str, layer: str) -> dict[str, Any]:
    from api.ground_jobs import BOUNDS, run_job
    from data.engine import Role
    from data.proposals import Proposals
    from data.store import Store, transaction
    from dispatch.desk.mend_ground import ask_for_repair, give_up_repair
    from dispatch.errors import ProposalRunningError, UnknownLayerError

    store = Store(url, pool_size=4)
    try:
        async with store.books.open() as book:
            id_ = await ask_for_repair(layer, None, book)
        reason: str | None = "stopped"
        try:
            reason = await run_job(url, "repair", id_, BOUNDS["repair"])
        finally:
            if reason is not None:
                await give_up_repair(id_, reason, store.books)
    except (ProposalRunningError, UnknownLayerError) as error:
        _stop(error.code)
    finally:
        await store.close()
    async with transaction(url, Role.DISPATCHER) as connection:
        found: dict[str, Any] = json.loads((await Proposals(connection).rows(id_))[0])
    return found


def _tell(seen: Mapping[str, int], counts: Mapping[str, int], rows: list[dict[str, Any]]) -> None:
    looked_at = ", ".join(f"{_both(f'quality.seen.{name}')} {count:,}" for name, count in seen.items())
    say(f"· {looked_at}")
    worst: dict[str, dict[str, Any]] = {}
    for row in rows:
        worst.setdefault(row["kind"], row)
    for kind in Kind:
        count = counts[kind]
        named = _worst(worst[kind]) if kind in worst else ""
        say(f"{'!' if count else '·'} {_both(f'ground_fault.{kind}')}: {count:,}{named and f' ({named})'}")


def _worst(row: Mapping[str, Any]) -> str:
    """Name the largest fault of a kind: what, how much, where."""
    about = " / ".join(str(row[name]) for name in ("code", "other") if row[name] is not None)
    unit = UNITS.get(str(row["unit"]), _both(f"quality.unit.{row['unit']}"))
    amount = "" if row["amount"] is None else f"{row['amount']:,.0f} {unit}"
    at = "" if row["lng"] is None or row["household"] else f"{row['lng']:.6f},{row['lat']:.6f}"
    return ", ".join(part for part in (about, amount, at) if part)


def _feature(row: Mapping[str, Any]) -> dict[str, Any]:
    place = None if row["lng"] is None else {"type": "Point", "coordinates": [row["lng"], row["lat"]]}
    about = {name: row[name] for name in ("kind", "layer", "level", "code", "other", "amount", "unit")}
    return {"type": "Feature", "geometry": row["shape"] or place, "properties": about}


def _counted(rows: list[dict[str, Any]], kinds: Mapping[str, int]) -> dict[str, int]:
    return {kind: sum(row["kind"] == kind for row in rows) for kind in kinds}


def _both(key: str) -> str:
    """Return a text in both languages."""
    zh, en = (page_texts(lang).get(key, key) for lang in ("zh", "en"))
    return zh if zh == en else f"{zh} {en}"


def _stop(reason: str) -> NoReturn:
    say(f"✗ {_both(f'why_not.{reason}')}")
    raise typer.Exit(FAILED)
