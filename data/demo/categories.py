"""The categories of a demo town, read from `categories.toml`, and how they are reported."""

import tomllib
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from data.demo.frame import Floats
from data.demo.rows import CalledRow, CategoryRow, SlotRow

WORDS = {
    "who": ("居民", "路过的市民", "商户", "巡查员", "楼栋长", "志愿者", "保洁员", "住户"),
    "when": ("刚才", "五分钟前", "十分钟前", "一刻钟前", "半小时前"),
    "since": ("从昨晚起", "从昨天起", "这两天", "这一小时", "最近几天"),
    "side": ("东侧", "西侧", "南侧", "北侧", "路口", "大门旁", "转角处", "后面"),
    "few": ("2", "3"),
    "n": ("2", "3", "4", "5", "6"),
}
DETAIL = ("", "", "", "，请尽快处理", "，麻烦派人看看", "，谢谢", "，有照片")
SENSED = "smoke_alarm"
CHANNELS = {"resident": 0.52, "hotline": 0.2, "worker": 0.24, "meeting": 0.04}


@dataclass(frozen=True, slots=True)
class Story:
    """How a category is reported: its weight among all, and the sentences by kind of place.

    `also` are the places to fill beside the first, `called` the departments that a whistle calls in.
    """

    category: CategoryRow
    weight: float
    says: dict[str, tuple[str, ...]]
    also: tuple[SlotRow, ...]
    called: tuple[CalledRow, ...]


@cache
def stories() -> tuple[Story, ...]:
    """Read all categories in the order of the file."""
    book = tomllib.loads(files("data.demo").joinpath("categories.toml").read_text(encoding="utf-8"))
    return tuple(_story(row, book["standard_ref"]) for row in book["category"])


def _story(row: dict[str, Any], standard_ref: str) -> Story:
    code, given = row["code"], {"standard_ref": standard_ref, "skill": None, **row}
    columns = [column.name for column in fields(CategoryRow) if column.default is MISSING or column.name in row]
    return Story(
        category=CategoryRow(**{name: given[name] for name in columns}),
        weight=float(row["weight"]),
        says={kind: tuple(says) for kinds, says in row["says"].items() for kind in kinds.split()},
        also=tuple(SlotRow(code, slot, **rule) for slot, rule in sorted(row.get("also", {}).items())),
        called=tuple(CalledRow(code, *one) for one in row.get("departments", {}).items()),
    )


def weights() -> Floats:
    """Give the share of each category among all reports (categories,)."""
    weight = np.array([story.weight for story in stories()])
    shares: Floats = weight / weight.sum()
    return shares


def tell(story: Story, kind: str, rng: np.random.Generator) -> str:
    """Write one report from a kind of place."""
    sentences = story.says[kind]
    words = {name: stock[int(rng.integers(len(stock)))] for name, stock in WORDS.items()}
    sentence = sentences[int(rng.integers(len(sentences)))].format(**words)
    detail = DETAIL[int(rng.integers(len(DETAIL)))]
    return sentence if story.category.code == SENSED else sentence + detail


def channel(story: Story, rng: np.random.Generator) -> str:
    """Draw through which channel a report came; alarms come from sensors."""
    if story.category.code == SENSED:
        return "sensor"
    return str(rng.choice(list(CHANNELS), p=list(CHANNELS.values())))
