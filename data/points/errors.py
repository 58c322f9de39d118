"""Why a file of points cannot be taken, one class per refusal."""

from data.importing.errors import ImportingError


class EmptyFileError(ImportingError):
    """Nothing is in it; fact `file`."""

    code = "file_empty"


class UnknownKindError(ImportingError):
    """A name that ends neither in .csv nor in .parquet; fact `file`."""

    code = "kind_unknown"


class NoFileError(ImportingError):
    """A folder, a device or another thing that is no file stands in the target's place; fact `file`."""

    code = "target_no_file"


class SameFileError(ImportingError):
    """What is to be written is what is read; fact `file`."""

    code = "same_file"


class HeaderUnreadableError(ImportingError):
    """The first line is no line of names; facts `file` and `detail`."""

    code = "header_unreadable"


class TooManyColumnsError(ImportingError):
    """More columns than a table has; facts `columns` and `most`."""

    code = "too_many_columns"


class ColumnMissingError(ImportingError):
    """No such column, or none that looks like it; facts `axis` (lng, lat), `column` (None: not named), `columns`."""

    code = "column_missing"


class ColumnDoubledError(ImportingError):
    """Two columns have one name; fact `column`."""

    code = "column_doubled"


class ColumnTakenError(ImportingError):
    """A column that is to be added is there already; fact `column`."""

    code = "column_taken"


class ColumnNotNumbersError(ImportingError):
    """A column of degrees that can hold none; facts `column` and `type`."""

    code = "column_not_numbers"


class ColumnNotTextError(ImportingError):
    """A column whose values cannot be written as CSV; facts `column` and `type`."""

    code = "column_not_text"


class RaggedRowError(ImportingError):
    """A row with more or fewer fields than the header; facts `line`, `fields`, `columns`."""

    code = "row_ragged"


class StrayQuoteError(ImportingError):
    """A quotation mark inside a field that is not quoted, or text behind a closing one; fact `line`."""

    code = "quote_stray"


class RowTooLongError(ImportingError):
    """A row longer than any row is, perhaps of a quote that is never closed; facts `line` and `most` (bytes)."""

    code = "row_too_long"


class TextUnreadableError(ImportingError):
    """Bytes that are no text of this encoding; facts `line`, the first of the stretch, and `encoding`."""

    code = "text_unreadable"


class UnknownGridLayerError(ImportingError):
    """There is no such grid layer, or no grid of it is in force; facts `layer` and `layers`."""

    code = "layer_unknown"


class EngineMissingError(ImportingError):
    """An engine that is not installed; facts `engine` and `install`."""

    code = "engine_missing"


class EngineNeedsFilesError(ImportingError):
    """An engine that reads and writes files itself cannot take standard input or output; fact `engine`."""

    code = "engine_needs_files"
