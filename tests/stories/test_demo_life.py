"""The life of a demo town: what its simulated workers and its simulated duty officer do, one step at a time."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from api.cli.hands import Hands
from api.cli.officer import Officer
from data.demo.doings import Doing, Standing, doings, on_the_desk, somebody_at_the_desk
from dispatch.refusal import RefusedError
from tests.support.hand import Hand, pass_time
from tests.support.place import middle
from tests.support.sound import faults

AT_ONCE = 1e-9
ENDED = {"closed", "rejected", "duplicate"}
LONG = 100_000.0
SEATED = """
    INSERT INTO access_token (id, hash, account_id, kind, created_at, used_at, expires_at)
    SELECT gen_random_uuid(), sha256(a.id::text::bytea), a.id, :kind, now(), now(), now() + interval '1 hour'
    FROM account a WHERE a.id = (SELECT account_id FROM account_role WHERE role = :role ORDER BY id LIMIT 1)
"""


async def busy(hand: Hand) -> list[Doing]:
    async with hand.client.app.state.process.store.books.open() as book:
        return await doings(book.connection)


async def on_desk(hand: Hand) -> list[Standing]:
    async with hand.client.app.state.process.store.books.open() as book:
        return await on_the_desk(book.connection)


async def officer_acts(hand: Hand) -> int:
    """Let the officer do all that lies on the desk, as if it had lain there long enough; return how much."""
    officer, done = Officer(hand.client.app.state.process), 0
    for standing in await on_desk(hand):
        act = officer.next_act(standing, AT_ONCE)
        if act is not None:
            with suppress(RefusedError):  # what lay on the desk may have gone on meanwhile, as in the living town
                await act()
            done += 1
    return done


async def workers_act(hand: Hand, hands: Hands) -> int:
    """Let everybody who has a task take the next step, as if it had taken long enough; return how many did."""
    done = 0
    for doing in await busy(hand):
        act = hands.next_step(replace(doing, seconds=LONG), there=True)
        if act is not None:
            await act()
            done += 1
    return done


async def without_a_seat(hand: Hand) -> None:
    """Take everybody's tokens away, so that all workers are simulated; the centre's answer through the desk alone."""
    await hand.place.run(
        "UPDATE access_token SET revoked_at = now() WHERE account_id IN "
        "(SELECT id FROM account WHERE worker_id IS NOT NULL)"
    )


async def test_what_is_reported_is_sorted_done_and_closed_with_nobody_at_the_keys(hand: Hand) -> None:
    await hand.open()
    reported = [(await hand.client.report(code)).json()["id"] for code in ("checked", "noise", "checked", "lamp") * 4]
    await without_a_seat(hand)
    hands = Hands(hand.client.app.state.process)
    for _ in range(60):
        acts = await officer_acts(hand) + await workers_act(hand, hands)
        stands = {await hand.stands(incident) for incident in reported}
        if stands <= ENDED:
            break
        if not acts:  # somebody does not answer: the offer runs out and goes to the next
            await pass_time(hand.place, timedelta(minutes=3))
            await asyncio.sleep(0.7)
    assert stands <= ENDED
    assert "closed" in stands
    assert await faults(hand.place) == []
    assert await hand.place.run("SELECT FROM worker WHERE active_tasks > 0") == []


async def test_a_unit_s_task_is_answered_by_a_member_unless_a_member_sits_at_a_phone(hand: Hand) -> None:
    member = await hand.staff.hire("M1", None)
    await hand.place.add_unit("T1", middle(0, 0), members=[member], skills=("doctor",))
    await hand.place.add_category("medic", skill="doctor", responder="team")
    await hand.staff.open()
    incident = (await hand.client.report("medic")).json()["id"]
    assert await busy(hand) == [], "M1 has a phone of her own"
    await without_a_seat(hand)
    [doing] = await busy(hand)
    assert (doing.kind, doing.member) == ("team", member)
    hands = Hands(hand.client.app.state.process)
    while await hand.active(incident) and await workers_act(hand, hands):
        pass
    said = {line["kind"]: line["actor"] for line in await hand.history(incident)}
    assert said["accepted"] == said["on_scene"] == f"worker:{member}"


async def test_a_department_that_was_whistled_for_reports_in_by_itself(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("handling")
    await hand.does(incident, "whistle", reason="要配合")
    await without_a_seat(hand)
    department = next(doing for doing in await busy(hand) if doing.kind == "department")
    assert department.member is None
    hands = Hands(hand.client.app.state.process)
    act = hands.next_step(replace(department, seconds=LONG), there=False)
    silent = act is None
    if act is not None:
        await act()
    assert ("reported_in" in await hand.lines(incident)) is not silent


async def test_the_officer_sends_another_for_what_was_returned(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("returned")
    await officer_acts(hand)
    assert await hand.stands(incident) == "dispatched"
    [task] = await hand.active(incident)
    assert (task["code"], task["by_hand"]) == ("W2", True), "W1 had it before"


async def test_the_officer_decides_a_request_for_time_and_merges_what_is_told_twice(hand: Hand) -> None:
    await hand.open()
    asked = await hand.bring("extension_requested")
    twice = [(await hand.client.report("lamp")).json()["id"] for _ in range(2)]
    await officer_acts(hand)
    assert {"extended", "extension_refused"} & set(await hand.lines(asked))
    assert await hand.stands(asked) != "extension_requested"
    assert [await hand.stands(one) for one in twice] == ["dispatched", "duplicate"]


async def test_the_officer_supervises_what_is_late_and_only_once(hand: Hand) -> None:
    await hand.open()
    incident = await hand.bring("dispatched")
    await hand.place.run("""
        WITH late AS (UPDATE clock SET due_at = now() - interval '1 minute' WHERE step = 'handle')
        UPDATE incident SET deadline_at = now() - interval '1 minute'""")
    for _ in range(3):
        await officer_acts(hand)
    assert (await hand.lines(incident)).count("supervised") == 1


async def test_nothing_is_done_before_its_time(hand: Hand) -> None:
    await hand.open()
    await hand.bring("reported")
    await hand.bring("handled")
    await without_a_seat(hand)
    process = hand.client.app.state.process
    assert [Officer(process).next_act(one, 1.0) for one in await on_desk(hand)] == [None, None]
    await hand.client.report("noise")
    assert [Hands(process).next_step(one, there=False) for one in await busy(hand)] == [None]


async def test_a_person_at_the_command_centre_is_noticed_a_program_is_not(hand: Hand) -> None:
    await hand.open()

    async def noticed() -> bool:
        async with hand.client.app.state.process.store.books.open() as book:
            return await somebody_at_the_desk(book.connection)

    assert not await noticed(), "the tokens of these tests are programs'"
    for role, kind, expected in (("resident", "session", False), ("dispatcher", "session", True)):
        await hand.place.run(SEATED, role=role, kind=kind)
        assert await noticed() == expected


async def test_of_many_offers_most_are_accepted_and_a_few_not_answered_at_all(hand: Hand) -> None:
    await hand.open()
    await hand.client.report("noise")
    await without_a_seat(hand)
    [doing] = await busy(hand)
    hands = Hands(hand.client.app.state.process)
    ids = [UUID(int=number * 7_919) for number in range(1, 4_000)]
    silent = [hands.next_step(replace(doing, seconds=LONG, task_id=id_), there=False) is None for id_ in ids]
    again = [hands.next_step(replace(doing, seconds=LONG, task_id=id_), there=False) is None for id_ in ids]
    assert 0.005 < sum(silent) / len(ids) < 0.03
    assert silent == again
