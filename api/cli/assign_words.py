"""What `wangge assign` says when it refuses, in one line."""

from typing import Any

from data.importing.errors import ImportingError

WORDS = {
    "file_missing": "{file}: there is no such file.",
    "file_unreadable": "{file} cannot be read: {detail}",
    "file_empty": "{file} is empty.",
    "kind_unknown": "{file} ends neither in .csv nor in .parquet; `-` is CSV by standard input or output.",
    "target_no_file": "{file} is no file: a folder or a device is not written over.",
    "same_file": "{file} is read and cannot be written at the same time: name another file with --output.",
    "header_unreadable": "The first row of {file} is no header: {detail}.",
    "too_many_columns": "{columns} columns are more than a table has ({most}).",
    "column_missing": "Which column holds the {axis}? Name it with --{axis}. There are: {columns}",
    "column_doubled": "Two columns are called {column!r}: rename one.",
    "column_taken": "There is a column {column!r} already. Nothing is written over: rename or drop it.",
    "column_not_numbers": "The column {column!r} holds no degrees but {type}.",
    "column_not_text": "The column {column!r} cannot be written as CSV ({type}): write to .parquet, or drop it.",
    "row_ragged": "Line {line} has {fields} fields, the header {columns}.",
    "quote_stray": "Line {line}: a quotation mark inside a field. Such a field is quoted, and the mark doubled.",
    "row_too_long": "Line {line}: a row without an end within {most} bytes. Is a quotation mark never closed?",
    "text_unreadable": "From line {line} on there is text that is not {encoding}: say --encoding.",
    "layer_unknown": "No grids of the layer {layer!r} are in force. Layers: {layers}",
    "engine_missing": "{engine} is not installed: `{install}`",
    "engine_needs_files": "{engine} reads and writes files itself: name both, not `-`.",
}


def said(refusal: ImportingError) -> str:
    """Put a refusal into words, on one line whatever a file's names hold."""
    facts = {name: _plain(fact) for name, fact in refusal.facts.items()}
    return WORDS[refusal.code].format(**facts)


def _plain(fact: object) -> Any:
    if isinstance(fact, list):
        return ", ".join(str(one) for one in map(_plain, fact)) + "."
    return "".join(sign if sign.isprintable() else "·" for sign in fact)[:200] if isinstance(fact, str) else fact
