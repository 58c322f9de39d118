"""Rows of CSV and parquet files: what comes in goes out again, with two columns more."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from data.points.answers import Answers
from data.points.asked import Encoding, Wanted
from data.points.assigning import Counts, Work, assign
from data.points.csv_file import CsvSource
from data.points.errors import (
    ColumnMissingError,
    TextUnreadableError,
)
from data.points.files import raws_of, reading, sink_for
from geo.datum import Datum
from tests.support.points import AREAS, CODES, answered, by_half, carried, refusal


def test_a_row_keeps_its_bytes_and_gets_two_fields() -> None:
    text = 'id,lng,lat,备注\n007,-1.50,1,"甲, ""乙""\n丙"\n008,"1.0",+2e0, 1 \n009,3,-4,\n'
    assert answered(text) == (
        'id,lng,lat,备注,grid_code,areas\n007,-1.50,1,"甲, ""乙""\n丙",G1,C/G1\n'
        '008,"1.0",+2e0, 1 ,G2,C/G2\n009,3,-4,,,\n'
    )


def test_line_ends_and_a_mark_at_the_start_stay_as_they_are() -> None:
    text = b"\xef\xbb\xbflng,lat\r\n1,1\r\n-1,1\n\r\n\n2,-2"
    assert carried(io.BytesIO(text))[0] == (
        b"\xef\xbb\xbflng,lat,grid_code,areas\r\n1,1,G2,C/G2\r\n-1,1,G1,C/G1\n2,-2,,\n"
    )


@pytest.mark.parametrize(
    "names",
    [
        "lng,lat",
        "lon,lat",
        "Longitude,Latitude",
        "经度,纬度",
        "X,Y",
        "编号,lng,lat,x,y",
        ' "LNG" , lat'.replace(" ", ""),
    ],
)
def test_usual_names_are_recognised(names: str) -> None:
    row = ",".join(
        {"lng": "-1", "lon": "-1", "longitude": "-1", "经度": "-1", "lat": "1", "latitude": "1", "纬度": "1"}.get(
            name.strip('"').lower(), "0" if "," in names.replace("X,Y", "") else "1"
        )
        for name in names.split(",")
    )
    if names == "X,Y":
        row = "-1,1"
    assert answered(f"{names}\n{row}\n").endswith(f"{row},G1,C/G1\n")


def test_columns_may_be_named() -> None:
    text = "lng,lat,gcj经,gcj纬\n1,1,-1,1\n"
    assert answered(text, wanted=Wanted("gcj经", "GCJ纬")).endswith("G1,C/G1\n")
    assert refusal(text, ColumnMissingError, wanted=Wanted(lng="e"))["column"] == "e"


NOWHERE = [
    "",
    "x",
    "NaN",
    "inf",
    "-inf",
    "181",
    "1,5",
    "1e400",
    "\uff10",
    "1 2",
    "0x10",
    "1_0",
    "\0",
    "null",
    "--1",
    "1e",
    ".",
]


@pytest.mark.parametrize("lng", NOWHERE)
def test_a_row_without_a_position_stays_with_nothing_beside_it_and_is_named_by_its_line(lng: str) -> None:
    field = f'"{lng}"' if "," in lng else lng
    text = f'a,lng,lat\n"two\nlines",1,1\n,{field},1\n,-1,1\n,1,91\n'
    out, counts = carried(io.BytesIO(text.encode()))
    assert out.decode().splitlines()[3:] == [f",{field},1,,", ",-1,1,G1,C/G1", ",1,91,,"]
    assert counts == Counts(4, 2, 2, (4, 6))
    assert counts.in_none == 0


def test_examples_are_the_first_five_lines_across_stretches() -> None:
    text = "lng,lat\n" + "1,1\n\n\n" * 1000 + ",\n" * 500
    _, counts = carried(io.BytesIO(text.encode()), stretch=64)
    assert counts == Counts(1500, 1000, 500, (3002, 3003, 3004, 3005, 3006))


def test_gb18030_goes_through_untouched_and_becomes_text_in_a_table() -> None:
    text = "名称,经度,纬度\n" + "普通,1,1\n" * 30 + "㐀𠀀镕,-1,1\n"
    given = text.encode("gb18030")
    out, _ = carried(io.BytesIO(given), stretch=50)
    assert out.decode("gb18030").splitlines()[-1] == "㐀𠀀镕,-1,1,G1,C/G1"
    table = parquet.read_table(io.BytesIO(carried(io.BytesIO(given), Path("x.parquet"), stretch=50)[0]))
    assert table["名称"].to_pylist() == ["普通"] * 30 + ["㐀𠀀镕"]


def test_an_encoding_shows_itself_late_or_is_said() -> None:
    given = b"name,lng,lat\n" + b"a,1,1\n" * 100 + "普通,1,1\n".encode("gb18030")
    parquet_file = Path("x.parquet")
    assert b"name" in carried(io.BytesIO(given), parquet_file, stretch=64)[0]
    facts = refusal(
        given, TextUnreadableError, target=parquet_file, wanted=Wanted(encoding=Encoding.UTF8), stretch=64
    )
    assert facts["encoding"] == "utf-8"
    assert 90 <= int(str(facts["line"])) <= 102
    refusal(given + b"\xff\xff\n", TextUnreadableError, target=parquet_file)


def test_a_stretch_may_be_longer_than_any_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.points.csv_file.LONGEST_ROW", 10)
    text = "a,lng,lat\n" + "a,-1,1\n" * 20
    assert answered(text) == "a,lng,lat,grid_code,areas\n" + "a,-1,1,G1,C/G1\n" * 20


def test_zero_bytes_and_a_huge_field_go_through() -> None:
    huge = "好" * 3_000_000
    out = answered(f"a,lng,lat\n\0a\0,1,1\n{huge},-1,1\n")
    assert out.startswith("a,lng,lat,grid_code,areas\n\0a\0,1,1,G2,C/G2\n")
    assert out.endswith(f"{huge},-1,1,G1,C/G1\n")


FIELDS = st.text(st.sampled_from('a,"\n\r 1好é\0'), max_size=6)
NUMBERS = st.one_of(st.floats(-400, 400).map(repr), FIELDS)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(FIELDS, NUMBERS, FIELDS, NUMBERS), max_size=12),
    stretch=st.integers(1, 80),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_table_is_read_as_python_s_own_reader_reads_it(
    rows: list[tuple[str, ...]], stretch: int, end: str, quoting: Any
) -> None:
    assume(quoting == csv.QUOTE_ALL or "\r" not in "".join(map("".join, rows)))  # Python writes that without marks
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=quoting)
    writer.writerows([("a", "lng", "b", "lat"), *rows])
    given = text.getvalue().encode()
    out, counts = carried(io.BytesIO(given), stretch=stretch)
    read = list(csv.reader(io.StringIO(out.decode(), newline="")))
    assert [tuple(row[:4]) for row in read[1:]] == rows
    assert counts.rows == len(rows)
    table = parquet.read_table(io.BytesIO(carried(io.BytesIO(given), Path("x.parquet"), stretch=stretch)[0]))
    assert [tuple(row.values())[:4] for row in table.to_pylist()] == rows
    assert [row["grid_code"] or "" for row in table.to_pylist()] == [row[4] for row in read[1:]]


@given(value=st.floats(-180, 180))
def test_numbers_are_read_to_the_last_bit(value: float) -> None:
    source = CsvSource(io.BytesIO(f"lng,lat\n{value!r}, {value!r} \n".encode()), "-", Wanted())
    [raw] = source.raws(False)
    lng, lat = source.rows(raw).degrees()
    assert (lng[0], lat[0]) == (value, value)


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Lend what writes a parquet file of columns."""

    def make(**columns: Any) -> Path:
        file = tmp_path / "points.parquet"
        parquet.write_table(pa.table(columns).replace_schema_metadata({"a": "b"}), file, row_group_size=2)
        return file

    return make


def test_a_table_keeps_its_columns_types_and_notes(table: Callable[..., Path]) -> None:
    file = table(n=pa.array([1, None, 3], pa.int16()), lng=[-1.0, None, 1.0], lat=[1, 2, -3], l=[[1], [], None])
    out = parquet.read_table(io.BytesIO(carried(file, Path("x.parquet"))[0]))
    before = parquet.read_table(file)
    assert out.drop_columns(["grid_code", "areas"]).equals(before)
    assert out.schema.metadata == before.schema.metadata
    assert out["grid_code"].to_pylist() == ["G1", None, None]
    assert out["areas"].to_pylist() == ["C/G1", None, None]


def test_a_table_becomes_csv(table: Callable[..., Path]) -> None:
    file = table(lng=["-1", "1.50", None], lat=pa.array([1, 1, 1], pa.decimal128(5, 2)), t=['a"b', "c\nd", None])
    out, counts = carried(file)
    assert list(csv.reader(io.StringIO(out.decode(), newline=""))) == [
        ["lng", "lat", "t", "grid_code", "areas"],
        ["-1", "1.00", 'a"b', "G1", "C/G1"],
        ["1.50", "1.00", "c\nd", "G2", "C/G2"],
        ["", "1.00", "", "", ""],
    ]
    assert counts == Counts(3, 2, 1, (3,))


def test_a_million_rows_take_no_more_memory_than_a_stretch() -> None:
    class Endless(io.RawIOBase):
        left = 40

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return b"lng,lat\n" if self.left == 39 else b"12.345678,23.456789\n" * 25_000 if self.left > 0 else b""

    class Hole(io.RawIOBase):
        size = 0

        def write(self, text: Any) -> int:
            self.size += len(text)
            return len(text)

    hole, before = Hole(), pa.default_memory_pool()
    with reading(Endless(), Wanted(), 1 << 20) as opened:  # type: ignore[arg-type]
        sink = sink_for(Path("x.csv"), hole, opened, Answers(CODES, AREAS))  # type: ignore[arg-type]
        counts = assign(opened, raws_of(opened, Path("x.csv")), sink, Work(by_half, Datum.WGS84, 2))
    assert counts.rows == counts.in_a_grid == 950_000
    assert hole.size == 950_000 * 28 + 24
    assert before.bytes_allocated() < 64 << 20
