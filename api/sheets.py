"""Sheets: tables as CSV and as workbooks of a spreadsheet. The only importer of xlsxwriter."""

import csv
import io
from collections.abc import Iterable, Sequence

type Cell = str | int | float | None
type Row = Sequence[Cell]

MARK = "\ufeff"
"""By it a spreadsheet knows UTF-8."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
TABLE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
MOST_NAME = 31


def harmless(cell: Cell) -> Cell:
    """Return a cell as a spreadsheet shows it: text that it would take for a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell


def csv_text(rows: Iterable[Row]) -> str:
    """Write a table as CSV, marked as UTF-8."""
    written = io.StringIO()
    csv.writer(written).writerows([harmless(cell) for cell in row] for row in rows)
    return MARK + written.getvalue()


def workbook(sheets: Iterable[tuple[str, Iterable[Row]]]) -> bytes:
    """Write named tables as an XLSX file, each with a head that stays in sight; text is written as text and never reckoned."""
    import xlsxwriter  # only who wants a workbook waits for it

    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, TABLE)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for name, rows in sheets:
        sheet = book.add_worksheet(name[:MOST_NAME])
        widths: dict[int, int] = {}
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                style = head if number == 0 else None
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell, style)
                elif cell is not None:
                    sheet.write_number(number, column, cell, style)
                widths[column] = min(max(widths.get(column, 8), _width(cell)), 60)
        sheet.freeze_panes(1, 0)
        for column, width in widths.items():
            sheet.set_column(column, column, width)
    book.close()
    return written.getvalue()


def _width(cell: Cell) -> int:
    """Return how wide a cell is, in letters; one of Chinese takes the room of two."""
    return sum(2 if letter > "\u2e80" else 1 for letter in str(cell)) + 1 if cell is not None else 0
