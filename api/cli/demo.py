"""`wangge demo`."""

import asyncio
import time
from typing import Annotated

import typer

from api.cli.database import Logins, fail, logins, say
from api.cli.serve import Host, Port, check_port, serve_until_stopped
from api.process import Process
from api.settings import Settings
from data.demo.rows import Town

SEED = 1


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    still: Annotated[bool, typer.Option("--still", help="Nobody walks and nothing arrives by itself.")] = False,
) -> None:
    """Start a demo town and serve it: one command from nothing to the live map."""
    from api.cli.life import Life
    from data.demo.town import make_town

    settings = Settings()
    check_port(host, port)
    with logins(settings, may_install=True) as urls:
        made = make_town(SEED)
        chapter = asyncio.run(_prepare(urls, made))

        async def beside(process: Process) -> None:
            _tell(settings, f"http://{host}:{port}")
            await Life(process, made, chapter).go_on(moving=not still)

        serve_until_stopped(settings, urls.server, (host, port), [beside])
    say("✓ stopped")


async def _prepare(urls: Logins, made: Town) -> int:
    """Migrate, and fill an empty database or wake a demo town; any other town is left alone.

    Returns how many incidents the town has had, so that its life goes on and does not begin again.
    """
    from data import migrate
    from data.demo.clock import wake
    from data.demo.load import fill, incidents_so_far, is_untouched
    from data.store import transaction
    from data.town import Towns

    async with transaction(urls.owner) as connection:
        town, untouched = await Towns(connection).the(), await is_untouched(connection)
    if town is not None and not town.demo:
        raise fail("This database holds a real town, not a demo. Nothing was changed.")
    if town is None and not untouched:
        raise fail("This database is not empty and not marked as a demo. Nothing was changed.")
    await migrate.upgrade(urls.owner)
    async with transaction(urls.owner) as connection:
        if town is None:
            written = await fill(connection, made)
            say(
                f"✓ {made.town.name}: {written['grid']} grids, {written['household']} households, {written['worker']} workers"
            )
        else:
            slept = await wake(connection)
            say(f"✓ {town.name} is awake again" + (f" after {slept.total_seconds() / 60:.0f} min" if slept else ""))
        return await incidents_so_far(connection)


def _tell(settings: Settings, address: str) -> None:
    began, fetched = settings.boot_started, settings.boot_download or 0.0
    if began is not None:
        took = time.clock_gettime(time.CLOCK_REALTIME) - began
        say(f"✓ ready in {took:.1f} s: {fetched:.1f} s of downloads, {took - fetched:.1f} s of its own")
    say("")
    say(f"  指挥大屏 · command map    {address}/")
    say(f"  网格员手机 · worker phone  {address}/work")
    say("  登录页点一下即可进入 · the sign-in page lets you in with one click (demo data only)")
    say("  令牌 · tokens for programs: ./wangge token dispatcher")
    say("  Ctrl-C 停止 · Ctrl-C stops")
