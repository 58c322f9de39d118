"""`wangge demo`."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

import typer

from api.cli.database import Logins, fail, logins, say
from api.cli.serve import Host, Port, check_port, serve_until_stopped
from api.kernels import make_ready
from api.process import Process
from api.settings import Settings
from data.demo.place import DEFAULT, Place, find_place, place_of, places
from data.demo.rows import Town
from dispatch.passwords import fresh_password, hashed

SEED = 1
NAMES = ", ".join(f"{place.key} {place.name}" for place in places())

Named = Annotated[
    str | None,
    typer.Option("--town", metavar="NAME", help=f"Which town, in pinyin or 中文: {NAMES}.", show_default=DEFAULT),
]
Size = Annotated[
    int | None,
    typer.Option("--households", metavar="N", help="How many households; without it, as many as the place has."),
]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for; None where the database, or else the usual town, decides."""

    place: Place | None
    households: int | None

    @property
    def likely(self) -> tuple[Place, int]:
        """The town to begin with before the database has told what it holds."""
        place = self.place or place_of(DEFAULT)
        return place, self.households or place.households


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    still: Annotated[bool, typer.Option("--still", help="Nobody walks and nothing arrives by itself.")] = False,
    town: Named = None,
    households: Size = None,
) -> None:
    """Start a demo town and serve it: one command from nothing to the live map."""
    from api.cli.life import Life
    from data.demo.town import make_town

    wish = _wish(town, households)
    settings = Settings()
    check_port(host, port)
    place, size = wish.likely
    making = ThreadPoolExecutor(1).submit(make_town, SEED, size, place)  # while PostgreSQL starts
    with logins(settings, may_install=True) as urls:
        held = asyncio.run(_held(urls, wish))
        made = making.result() if held in (None, wish.likely) else make_town(SEED, held[1], held[0])
        if settings.kernels:
            make_ready(settings.home, say)
        chapter = asyncio.run(_prepare(urls, made, asleep=held is not None))
        password = fresh_password()
        seats = asyncio.run(_open_doors(urls, password))

        async def beside(process: Process) -> None:
            _tell(settings, f"http://{host}:{port}")
            say(f"  账号 · accounts: {', '.join(seats)}; w00002, w00003 …")
            say(f"  密码 · password of them all, until the next start: {password}")
            _warn(host)
            say("  Ctrl-C 停止 · Ctrl-C stops")
            await Life(process, made, chapter).go_on(moving=not still)

        serve_until_stopped(settings, urls.server, (host, port), [beside])
    say("✓ stopped")


def _wish(word: str | None, households: int | None) -> Wish:
    """Understand which town is meant and whether it can be so large."""
    place = None if word is None else find_place(word)
    if word is not None and place is None:
        raise fail(f"There is no demo town {word!r}. There are: {NAMES}.")
    known = place or place_of(DEFAULT)
    if households is not None and not known.least <= households <= known.most:
        raise fail(f"{known.name} has {known.least} to {known.most} households, not {households}.")
    return Wish(place, households)


async def _held(urls: Logins, wish: Wish) -> tuple[Place, int] | None:
    """Say which demo town the database holds, and how large; None where it is empty. Any other is refused."""
    from data.demo.load import households_so_far, is_untouched
    from data.store import transaction
    from data.town import Towns

    async with transaction(urls.owner) as connection:
        town, untouched = await Towns(connection).the(), await is_untouched(connection)
        if town is not None and not town.demo:
            raise fail("This database holds a real town, not a demo. Nothing was changed.")
        if town is None:
            if not untouched:
                raise fail("This database is not empty and not marked as a demo. Nothing was changed.")
            return None
        size = await households_so_far(connection)
    place = find_place(town.name)
    if place is None:
        raise fail(
            f"This database holds the demo town {town.name}, which this version does not know. Nothing was changed."
        )
    if wish.place not in (None, place) or wish.households not in (None, size):
        wanted, count = wish.likely
        raise fail(
            f"This database holds the demo town {place.name} with {size} households; it was left as it is.\n"
            f"  Start it:  wangge demo\n"
            f"  Or give {wanted.name} with {count} households a home of its own:\n"
            f"  WANGGE_HOME=var/{wanted.key} wangge demo --town {wanted.key} --households {count}"
        )
    return place, size


async def _prepare(urls: Logins, made: Town, *, asleep: bool) -> int:
    """Migrate, and fill an empty database or wake the demo town in it.

    Returns how many incidents the town has had, so that its life goes on and does not begin again.
    """
    from data import migrate
    from data.demo.clock import wake
    from data.demo.load import fill, incidents_so_far
    from data.store import transaction

    await migrate.upgrade(urls.owner)
    async with transaction(urls.owner) as connection:
        if asleep:
            slept = await wake(connection)
            say(
                f"✓ {made.town.name} is awake again"
                + (f" after {slept.total_seconds() / 60:.0f} min" if slept else "")
            )
        else:
            written = await fill(connection, made)
            counted = ", ".join(f"{written[name]} {name}s" for name in ("grid", "household", "worker"))
            say(f"✓ {made.town.name}: {counted}")
        return await incidents_so_far(connection)


async def _open_doors(urls: Logins, password: str) -> list[str]:
    """Give everybody an account with this password; return the logins of the seats."""
    from data.demo.accounts import give_accounts, set_password
    from data.seats import Seats
    from data.store import transaction

    kept = await hashed(password)
    async with transaction(urls.owner) as connection:
        await give_accounts(connection)
        await set_password(connection, kept)
        return await Seats(connection).logins()


def _tell(settings: Settings, address: str) -> None:
    began, fetched = settings.boot_started, settings.boot_download or 0.0
    if began is not None:
        took = time.clock_gettime(time.CLOCK_REALTIME) - began
        say(f"✓ ready in {took:.1f} s: {fetched:.1f} s of downloads, {took - fetched:.1f} s of its own")
    say("")
    say(f"  指挥大屏 · command map    {address}/")
    say(f"  网格员手机 · worker phone  {address}/work")
    say("  登录页点一下即可进入 · on this machine the sign-in page lets you in with one click (demo data only)")
    say("  令牌 · tokens for programs: ./wangge token dispatcher")


def _warn(host: str) -> None:
    """Say what it means that others can reach a demo."""
    if not _is_this_machine(host):
        say(
            f"  ! {host}: 其他机器可以访问，且未加密 · other machines can reach this, and nothing is encrypted on the way"
        )
        say("  ! 一键登录只在本机有效 · one-click sign-in works on this machine alone; others need the password")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
