"""A corpus of what should never be taken: whole bodies, and values for each kind of field."""

import json
from typing import Any

NAN, INFINITE, HUGE = float("nan"), float("inf"), 10**400
DEEP: Any = json.loads("[" * 900 + "]" * 900)
LONG = "长" * 100_000

WHOLE_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \n\t ",
    "null": b"null",
    "a number": b"5",
    "a text": b'"x"',
    "a list": b"[1, 2, 3]",
    "cut off": b'{"lng": 118.3, "lat": 27.0, "datum": "wg',
    "two documents": b"{} {}",
    "no JSON": b"lng=118.3&lat=27.0",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "100,000 brackets": b"[" * 100_000,
    "100,000 braces": b'{"a":' * 100_000,
    "100,000 nested lists": b'{"lng":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number of 5,000 digits": b'{"lng": ' + b"9" * 5000 + b"}",
    "an exponent beyond all": b'{"lng": 1e400, "lat": -1e400}',
    "not a number": b'{"lng": NaN, "lat": Infinity, "datum": -Infinity}',
    "bytes that are no UTF-8": b'{"description": "\xff\xfe"}',
    "UTF-16": '{"lng": 118.3}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{",
    "NUL bytes": b"\x00" * 100,
    "a lone surrogate as a name": b'{"\\ud800": 1}',
    "the same name twice": b'{"lng": 1, "lng": [], "x": 1}',
    "10,000 unknown names": json.dumps({f"name{number}": number for number in range(10_000)}).encode(),
    "2 MB": b'{"description": "' + b"x" * 2_000_000 + b'"}',
    "2 MB of numbers": b"[" + b"1," * 1_000_000 + b"1]",
}

NUMBERS: dict[str, Any] = {
    "none": None,
    "true": True,
    "a text": "118.3",
    "an empty text": "",
    "NaN": NAN,
    "infinite": INFINITE,
    "minus infinite": -INFINITE,
    "400 digits": HUGE,
    "the largest float": 1.7976931348623157e308,
    "181": 181,
    "-91 or less": -180.0000001,
    "a list": [118.3],
    "an object": {"lng": 118.3},
    "deep": DEEP,
}
TEXTS: dict[str, Any] = {
    "none": None,
    "a number": 5,
    "true": True,
    "empty": "",
    "blank": " \t\u3000\n",
    "a NUL": "x\x00y",
    "a lone surrogate": "x\ud800y",
    "a surrogate at the end": "x\udfff",
    "100,000 letters": LONG,
    "a list": ["x"],
    "an object": {"x": "y"},
    "deep": DEEP,
}
WORDS = TEXTS | {
    "an unknown word": "mars",
    "capitals": "WGS84",
    "SQL": "x'; DROP TABLE incident; --",
    "a template": "{metres}{0}%s${jndi:ldap://x}",
}
TIMES = TEXTS | {
    "without an offset": "2026-11-20T12:00:00",
    "no time": "2026-11-20",
    "seconds": 1_800_000_000,
    "seconds as a text": "1800000000",
    "NaN": NAN,
    "the end of time": "9999-12-31T23:59:59.999999+00:00",
    "beyond the end of time": "9999-12-31T23:59:59-23:59",
    "the beginning of time": "0001-01-01T00:00:00Z",
    "before the beginning of time": "0001-01-01T00:00:00+23:59",
    "the 30th of February": "2026-02-30T00:00:00Z",
    "an offset of 100 hours": "2026-11-20T12:00:00+100:00",
}
OPTIONAL = {"address", "note", "reported_at", "fixed_at", "accuracy_m"}
KINDS: dict[str, dict[str, Any]] = {
    "lng": NUMBERS,
    "lat": NUMBERS,
    "accuracy_m": NUMBERS | {"less than nothing": -1, "more than the Earth": 1e9},
    "datum": WORDS,
    "category": WORDS,
    "description": TEXTS,
    "address": TEXTS,
    "note": TEXTS,
    "reported_at": TIMES,
    "fixed_at": TIMES,
    "disposition": WORDS,
    "reason": WORDS,
    "result": WORDS,
    "layer": WORDS,
    "points": TEXTS
    | {"pairs of texts": [["1", "2"]], "one number": [[118.3]], "NaN": [[NAN, 27.0]], "off": [[200, 0]]},
}
