"""Servers are killed and PostgreSQL crashes while people report and the crew answers: nothing is lost or doubled.

The whole minute of it, and what is found when a lock, an index or the horizon is taken out, is `./wangge chaos crashes`.
"""

from tests.chaos.crashes import Plan, run

SECONDS = 4.0


async def test_what_was_acknowledged_is_there_once_and_owned_after_servers_were_killed_and_postgresql_crashed() -> (
    None
):
    outcome = await run(Plan(SECONDS, crashes=1, pause_s=0.1))
    print("\n" + outcome.told())
    assert outcome.all_faults == [], "\n".join(outcome.all_faults[:20])
    assert outcome.counted["PostgreSQL crashed"] == 1
    assert len(outcome.killed) >= 2
    assert len(set(outcome.killed)) == len(outcome.killed)
    assert outcome.incidents >= 10
