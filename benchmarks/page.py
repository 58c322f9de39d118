"""Put a benchmark's table into a page of the documentation, between its two marks."""

from pathlib import Path

from benchmarks.rows import Measured, Row, number


def put(page: Path, name: str, measured: Measured) -> None:
    """Replace what stands between `<!-- bench NAME -->` and `<!-- /bench NAME -->`.

    Raises
    ------
    ValueError
        If the page has no such marks.
    """
    opening, closing = f"<!-- bench {name} -->", f"<!-- /bench {name} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(opening)
    _, ended, after = rest.partition(closing)
    if not (found and ended):
        raise ValueError(f"{page.name} has no place for {name}")
    page.write_text(f"{before}{opening}\n{_table(measured)}\n{closing}{after}", encoding="utf-8")


def _table(measured: Measured) -> str:
    lines = [
        "| case | figure | ours | peer in the same run | ours ÷ peer | must | holds |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_line(row) for row in measured.rows]
    facts = ", ".join(f"{name} {fact}" for name, fact in measured.machine.items() if not name.startswith("load"))
    return "\n".join(["", *lines, "", f"Medians of the repetitions. Machine: {facts}.", ""])


def _line(row: Row) -> str:
    peer = "–" if row.peer is None else f"{number(row.peer.value)} {row.unit}, {row.peer.name}"
    ratio = "–" if row.peer is None or not row.peer.value else _ratio(row.ours.value / row.peer.value)
    holds = {None: "–", True: "yes", False: "**no**"}[row.holds]
    ours = f"{number(row.ours.value)} {row.unit}"
    return f"| {row.case} | {row.figure} | {ours} | {peer} | {ratio} | {row.must or '–'} | {holds} |"


def _ratio(value: float) -> str:
    return f"{value:.2g}" if value < 100 else f"{value:.0f}"
