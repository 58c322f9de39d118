"""The tree: standard codes under their parents, ranks, areas that move."""

import pytest

from data.importing.tree import GridLayer, Level, RankAgainstTreeError, RankTakenError, read_tree, write_tree
from data.store import transaction
from tests.support.drawings import add_home, drawn, settled, strip, write
from tests.support.place import Place

LEVELS = {"district": 6, "street": 9, "community": 12, "grid": 15}
NUMBERS = {
    "too short": ("1101010010010", "bad_code_structure"),
    "with a letter": ("11010100100100A", "bad_code_structure"),
    "digits of another script": ("\u0661" * 15, "bad_code_structure"),
    "of another community": ("110101001002001", "code_not_under_parent"),
    "right": ("110101001001001", None),
}


async def with_standard_codes(owner_url: str) -> None:
    async with transaction(owner_url) as connection:
        levels, layers = await read_tree(connection)
        numbered = [Level(one.code, one.rank, one.name, one.name_en, LEVELS.get(one.code)) for one in levels]
        assert await write_tree(connection, numbered, layers) == {}


@pytest.mark.parametrize("what", NUMBERS)
async def test_a_standard_code_is_checked_under_the_nearest_area_that_has_one(what: str, owner_url: str) -> None:
    """A section between community and grid has a code as it likes: the grid's begins with the community's."""
    await with_standard_codes(owner_url)
    for level, code in (
        ("district", "110101"),
        ("street", "110101001"),
        ("community", "110101001001"),
        ("section", "S1"),
    ):
        assert (await write(owner_url, drawn((code, strip(0, 3)), layer=None, level=level))).refused == ()
    code, reason = NUMBERS[what]
    done = await write(owner_url, drawn((code, strip(0, 1))))
    assert [one.reason for one in done.refused] == ([reason] if reason else [])


async def test_codes_that_do_not_fit_a_new_rule_are_counted_and_stay(owner_url: str, place: Place) -> None:
    await write(owner_url, drawn(("A", strip(0, 1)), ("110101001001001", strip(1, 2))))
    async with transaction(owner_url) as connection:
        grids = Level("grid", 50, "网格", "Grid", 15)
        assert await write_tree(connection, [grids], [GridLayer("health", "健康", "Health", 300, 500)]) == {"grid": 1}
    [row] = await place.run("SELECT least_households, most_households, name FROM grid_layer WHERE code = 'health'")
    assert tuple(row) == (300, 500, "健康")


async def test_ranks_may_change_places_but_not_double_and_not_against_the_tree(owner_url: str) -> None:
    await write(owner_url, drawn(("D", strip(0, 3)), layer=None, level="district"))
    await write(owner_url, drawn(("A", strip(0, 1))))
    swapped = [Level("section", 30, "片", "Section", None), Level("community", 40, "社区", "Community", None)]
    upside = [Level("district", 50, "区", "District", None), Level("grid", 10, "网格", "Grid", None)]
    async with transaction(owner_url) as connection:
        await write_tree(connection, swapped, [])
    for wrong, error in (([Level("new", 30, "x", "x", None)], RankTakenError), (upside, RankAgainstTreeError)):
        with pytest.raises(error):
            async with transaction(owner_url) as connection:
                await write_tree(connection, wrong, [])


async def test_an_area_that_lies_elsewhere_now_moves_there_with_all_below_it(place: Place, owner_url: str) -> None:
    await write(owner_url, drawn(("C1", strip(0, 2)), ("C2", strip(2, 4)), layer=None, level="community"))
    await write(owner_url, drawn(("G", strip(1, 2))))
    await write(owner_url, drawn(("H", strip(1.2, 1.8)), layer=None, level="micro_grid"))
    await add_home(place, "home", 2.5)
    await write(owner_url, drawn(("G", strip(2, 3))))
    paths = await place.run("SELECT code, path::text, parent_id IS NULL AS root FROM area ORDER BY code")
    assert [tuple(row) for row in paths] == [
        ("C1", "C1", True), ("C2", "C2", True), ("G", "C2.G", False), ("H", "C2.G.H", False)
    ]  # fmt: skip
    assert [row.area_path for row in await place.run("SELECT DISTINCT area_path::text FROM grid")] == ["C2.G"]
    assert await settled(place) == {"home": "C2.G"}
