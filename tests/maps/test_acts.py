"""What the wall offers the dispatcher's hand is what the server lets it do."""

import json
import re
from pathlib import Path
from typing import Any

from dispatch.workflow import MOVES, Act

STATIC = Path(__file__).parents[2] / "maps" / "static" / "js" / "wall"
OF_THE_GROUND = {Act.ASK_EXTENSION}
"""What only who is at the task may do, on the phone."""


def table() -> dict[str, dict[str, Any]]:
    text = (STATIC / "acts.js").read_text(encoding="utf-8")
    found = re.search(r"export const MOVES = (\{.*?\n\});", text, re.DOTALL)
    assert found is not None
    read: dict[str, dict[str, Any]] = json.loads(found[1])
    return read


def test_the_wall_s_table_of_acts_is_the_server_s() -> None:
    wanted = {
        act.value: {"permission": move.permission.value, "from": sorted(move.out_of)}
        for act, move in MOVES.items()
        if act not in OF_THE_GROUND
    }
    assert {act: rule | {"from": sorted(rule["from"])} for act, rule in table().items()} == wanted


def test_every_act_stands_in_one_group_of_the_menu() -> None:
    text = (STATIC / "acts.js").read_text(encoding="utf-8")
    groups = re.search(r"const GROUPS = \{(.*?)\n\};", text, re.DOTALL)
    assert groups is not None
    assert sorted(re.findall(r'"(\w+)"', groups[1])) == sorted(table())


def test_every_act_has_its_words(texts: dict[str, str]) -> None:
    asks = set(
        re.findall(r"^  (\w+)[:,]", (STATIC / "forms.js").read_text("utf-8").split("FORMS = {")[1], re.MULTILINE)
    )
    wanted = {f"{group}.{act}" for act in table() for group in ("act", "done")}
    wanted |= {f"{group}.{act}" for act in asks for group in ("about", "quick")} - {"quick.file", "quick.close"}
    assert wanted - set(texts) == set()
    assert asks | {"receive", "resume", "inspect"} == set(table())
