"""What the OpenAPI document allows and what it does not, made up at random and sent as everybody.

The whole of it, 5,000 cases and more, is `./wangge chaos schema`.
"""

import httpx2

from tests.support.fuzz import Fuzz
from tests.support.server import Listening
from tests.support.tables import Tables
from tests.support.two_towns import TwoTowns


async def test_no_made_up_request_breaks_the_server_or_changes_anything_where_it_is_refused(
    towns: TwoTowns, server: Listening
) -> None:
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as client:
        fuzz = Fuzz(towns, client, await Tables.of(towns.place))
        await fuzz.run(server.app.openapi(), rounds=1, every=2)
    print("\n" + fuzz.told())
    assert fuzz.faults == [], "\n".join(fuzz.faults[:20])
    assert fuzz.counted["cases"] >= 700
    assert fuzz.counted["refused"] >= 300
    assert fuzz.statuses[200] >= 50
