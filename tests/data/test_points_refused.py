"""Files that are no tables of points: refused in a line, with the place."""

import pytest

from data.importing.errors import ImportingError
from data.points.errors import (
    ColumnDoubledError,
    ColumnMissingError,
    ColumnTakenError,
    EmptyFileError,
    HeaderUnreadableError,
    RaggedRowError,
    RowTooLongError,
    StrayQuoteError,
    TooManyColumnsError,
)
from tests.support.points import refusal

HOSTILE: list[tuple[bytes, type[ImportingError], dict[str, object]]] = [
    (b"", EmptyFileError, {}),
    (b"\n", EmptyFileError, {}),
    (b"a,b\n1,2\n", ColumnMissingError, {"axis": "lng"}),
    (b"lng,b\n1,2\n", ColumnMissingError, {"axis": "lat"}),
    (b"lng,lat,lng\n1,2,3\n", ColumnDoubledError, {"column": "lng"}),
    (b"lng,lat,,\n1,2,3,4\n", ColumnDoubledError, {"column": ""}),
    (b"lng,lat,areas\n1,2,3\n", ColumnTakenError, {"column": "areas"}),
    (b"grid_code,lng,lat\n1,2,3\n", ColumnTakenError, {"column": "grid_code"}),
    (b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n", TooManyColumnsError, {"columns": 1_000_000}),
    ("lng,lat\n1,1\n".encode("utf-16"), HeaderUnreadableError, {}),
    (b"\xff\xfa\x80,lng,lat\n1,1\n", HeaderUnreadableError, {}),
    (b"lng,lat\r1,1\r2,2\r", HeaderUnreadableError, {}),
    (b'lng,lat,"a\n1,1,1\n', HeaderUnreadableError, {}),
    (b'lng,lat,"a"b\n1,1,1\n', HeaderUnreadableError, {}),
    (b"lng,lat\n1,1\n\n1,1,1\n", RaggedRowError, {"line": 4, "fields": 3, "columns": 2}),
    (b'a,lng,lat\n"\n",1,1\n1\n', RaggedRowError, {"line": 4, "fields": 1, "columns": 3}),
    (b'a,lng,lat\n1,1,1\n5" pipe,1,1\n6" pipe,1,1\n', StrayQuoteError, {"line": 3}),
    (b'a,lng,lat\n1,1,1\n"a"b,1,1\n', StrayQuoteError, {"line": 3}),
    (b'a,lng,lat\n1,1,1\n"never closed,1,1\n' + b"1,1,1\n" * 100, RowTooLongError, {"line": 3}),
    (b'a,lng,lat\n1,1,1\n"' + b"x" * (24 << 20) + b'",1,1\n', RowTooLongError, {"line": 3}),
    (b"x" * (17 << 20), HeaderUnreadableError, {}),
]


@pytest.mark.parametrize("stretch", [64, 1 << 22])
@pytest.mark.parametrize(("text", "kind", "facts"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_table_is_refused_with_its_place(
    text: bytes, kind: type[ImportingError], facts: dict[str, object], stretch: int
) -> None:
    if len(text) > 1 << 20:
        stretch = 1 << 22
    assert facts.items() <= refusal(text, kind, stretch=stretch).items()
