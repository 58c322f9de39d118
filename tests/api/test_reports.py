"""Reports as files, opened by readers that are not ours: what stands in them is what the API answers."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from openpyxl import load_workbook
from pypdf import PdfReader
from typer.testing import CliRunner

from api import pdf
from api.cli import app
from api.pdf import NO_FONT, NO_LIBRARY, PdfError, pdf_of
from tests.support.client import bearing
from tests.support.hand import Hand

EVER = {"from": "2026-01-01", "to": "2027-12-31"}
Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def run(server_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Lend the command, on this test's database."""
    monkeypatch.setenv("WANGGE_DATABASE_URL", server_url)
    monkeypatch.setattr(import_module("api.cli.database"), "end_in_order", lambda: None)
    days = ("--from", EVER["from"], "--to", EVER["to"])
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, app, ("report", *days, *arguments))


async def report(hand: Hand, who: str = "chief", **query: str) -> Any:
    return await hand.client.get("/api/figures/report", params=EVER | query, headers=bearing(hand.tokens[who]))


async def test_the_pdf_says_in_chinese_what_the_api_answers(hand: Hand) -> None:
    await hand.open()
    for status in ("closed", "handling", "dispatched"):
        await hand.bring(status)
    answer = await report(hand, format="pdf")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    said = await hand.client.get("/api/figures", params=EVER | {"by": "area"}, headers=bearing(hand.tokens["chief"]))
    filed = said.json()["total"]["filed"]["value"]
    assert filed == 3
    words = text.replace(" ", "").replace("\n", "")
    assert f"立案{filed}" in words
    assert "2026年1月1日至2027年12月31日" in words
    assert "各项指标怎么算" in words


async def test_the_workbook_and_the_page_are_the_api_s(hand: Hand, run: Run, tmp_path: Path) -> None:
    await hand.open()
    await hand.bring("closed")
    await hand.bring("handling")
    headers = bearing(hand.tokens["chief"])
    told = (await hand.client.get("/api/figures", params=EVER | {"by": "category"}, headers=headers)).json()
    answer = await report(hand, format="xlsx", lang="en")
    sheets = load_workbook(io.BytesIO(answer.content))
    head, *rows = ([cell.value for cell in row] for row in sheets["Category"].iter_rows())
    for found, group in zip(rows, [{"key": None, "figures": told["total"]}, *told["groups"]], strict=True):
        row = dict(zip(head, found, strict=True))
        assert row["key"] == group["key"]
        for code, figure in group["figures"].items():
            columns = {
                code if part == "value" else f"{code}.{part}": figure[part] for part in figure if part != "few"
            }
            assert {name: row[name] for name in columns} == pytest.approx(columns)

    made = await run("--lang", "en", "-o", str(tmp_path / "report.html"))
    assert made.exit_code == 0, made.stderr
    by_http = (await report(hand, format="html", lang="en")).text
    cut = "as of "
    by_hand = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert by_hand.partition(cut)[2][30:] == by_http.partition(cut)[2][30:] != ""


async def test_what_cannot_be_written_is_said_before_anything_is_read(run: Run, tmp_path: Path) -> None:
    for arguments, told in (
        (("-o", "x.doc"), ".pdf, .html, .xlsx"),
        (("-o", "x.pdf", "--lang", "fr"), "lang"),
        (("-o", str(tmp_path / "x.html"), "--area", "nowhere"), "area"),
    ):
        made = await run(*arguments)
        assert made.exit_code == 1
        assert told in made.stderr


@pytest.mark.parametrize(("code", "missing"), [(NO_LIBRARY, "libpango"), (NO_FONT, "fonts-noto-cjk"), (-9, None)])
async def test_a_pdf_that_cannot_be_made_is_refused_with_what_is_missing(
    code: int, missing: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    end = f"exit {code}" if code > 0 else "kill -9 $$"
    program.write_text(f"#!/bin/sh\n{end}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(pdf.sys, "executable", str(program))
    with pytest.raises(PdfError) as refused:
        await pdf_of("<p>")
    assert (refused.value.missing or "").partition("-1.0")[0] == (missing or "")


async def test_a_report_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(pdf.sys, "executable", str(program))
    monkeypatch.setattr(pdf, "SECONDS", 0.2)
    with pytest.raises(PdfError):
        await pdf_of("<p>")


def test_nothing_that_a_page_names_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="asks for nothing"):
        pdf._nothing("file:///etc/hostname")


async def test_who_may_see_no_figures_gets_no_report(hand: Hand) -> None:
    answer = await report(hand, "resident", format="html")
    assert (answer.status_code, json.loads(answer.text)["code"]) == (403, "forbidden")
