"""How the people of a demo town judged what was closed: a part of them answers, nearly all of those are content."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np

from data.demo.past import Past
from data.receipts import ReceiptKind, key_of, new_receipt

CONTENT: Mapping[str, float] = MappingProxyType(
    {
        "xinluo": 0.9911,  # docs/sources.md#xinluo
        "baijiantan": 0.982,  # docs/sources.md#baijiantan
        "wannianbu": 0.987,  # docs/sources.md#wannianbu
    }
)
USUAL = 0.982
ANSWERED = 0.4
"""Who answers is the smaller part, as with every questionnaire; no place says how many did."""
STARS = (3, 4, 5)
OFTEN = (0.06, 0.24, 0.7)
SAID = ("很快就有人来了，谢谢", "处理得很好", "态度不错", "比上次快", "希望以后别再坏")
SAID_BAD = ("第二天又是老样子", "只来看了一眼，没有处理", "问题还在")
SPEAKS = 0.3
LATER_H, SETTLED_H = (0.5, 40.0), (0.5, 5.0)
CENTRE = "dispatcher"

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """Rows ready to be written."""

    receipts: list[Row] = field(default_factory=list)
    evaluations: list[Row] = field(default_factory=list)


def judged(past: Past, place: str, seed: int, now: datetime) -> Told:
    """Give every past incident its receipt, and some that were closed their evaluation.

    What somebody was not content with was opened again and settled by the centre: its history and the time it was
    closed go on, its evaluation is of the first closing.
    """
    told, rng = Told(), np.random.default_rng([seed, 31])
    for incident in past.incidents:
        given = new_receipt(ReceiptKind.REPORT, None)
        receipt = {
            "id": given.id,
            "incident_id": incident["id"],
            "kind": given.kind,
            "hash": f"\\x{key_of(given.code).hex()}",
            "made_at": incident["reported_at"],
        }
        told.receipts.append(receipt)
        incident |= {"stars": None, "solved": None, "reopenings": 0}
        closed, answers = incident["closed_at"], rng.random() < ANSWERED
        at = None if closed is None else closed + timedelta(hours=rng.uniform(*LATER_H))
        if not answers or at is None:
            continue
        content = rng.random() < CONTENT.get(place, USUAL)
        settled = at if content else at + timedelta(hours=rng.uniform(*SETTLED_H))
        if settled >= now:
            continue
        said = _judgement(content, rng)
        words = {"words": _words(content, rng)}
        told.evaluations.append(
            {"incident_id": incident["id"], "receipt_id": given.id, "closed_at": closed, "at": at} | said | words
        )
        incident |= said
        if not content:
            incident |= {"closed_at": settled, "reopenings": 1}
        past.events.extend(_lines(incident, (str(given.id), at), content, said))
    return told


def _judgement(content: bool, rng: np.random.Generator) -> Row:
    if content:
        return {"stars": int(rng.choice(STARS, p=OFTEN)), "solved": True}
    return {"stars": int(rng.integers(1, 4)), "solved": False}


def _words(content: bool, rng: np.random.Generator) -> str | None:
    words = SAID if content else SAID_BAD
    chosen = words[int(rng.integers(len(words)))]
    return chosen if rng.random() < SPEAKS or not content else None


def _lines(incident: Row, by: tuple[str, datetime], content: bool, said: Row) -> Iterator[Row]:
    """Write the lines of a judgement and, where somebody was not content, of what came after it."""
    receipt, at = by
    who = f"receipt:{receipt}"
    yield _line(incident, at, "evaluated", ("closed", "closed"), (who, said))
    if content:
        return
    yield _line(incident, at, "discontent", ("closed", "closed"), (who, said))
    yield _line(incident, at, "reopened", ("closed", "filed"), (who, {}))
    facts = {"disposition": incident["disposition"]}
    yield _line(incident, incident["closed_at"], "closed", ("filed", "closed"), (CENTRE, facts))


def _line(incident: Row, at: datetime, kind: str, moved: tuple[str, str], told: tuple[str, Row]) -> Row:
    return {
        "incident_id": incident["id"],
        "task_id": None,
        "at": at,
        "kind": kind,
        "status_from": moved[0],
        "status_to": moved[1],
        "actor": told[0],
        "facts": json.dumps(told[1]),
    }
