"""Why a file cannot be taken in, one class per refusal."""

from typing import ClassVar


class ImportingError(ValueError):
    """A refusal with a stable `code` and the facts that explain it."""

    code: ClassVar[str] = "import_refused"

    def __init__(self, **facts: object) -> None:
        self.facts: dict[str, object] = facts
        super().__init__(" ".join([self.code, *(f"{name}={value}" for name, value in facts.items())]))


class FileMissingError(ImportingError):
    """There is no such file; fact `file`."""

    code = "file_missing"


class FileUnreadableError(ImportingError):
    """Not a file of places, damaged or cut off; facts `file` and `detail`, the reader's own words."""

    code = "file_unreadable"


class FileTooLargeError(ImportingError):
    """Far larger than a town is; facts `file`, `bytes` and `most`."""

    code = "file_too_large"


class FarFromTownError(ImportingError):
    """The file holds another place than the town; facts `km` between them and `most`."""

    code = "far_from_town"


class LayerNeededError(ImportingError):
    """The file has several layers and none was named; fact `layers`."""

    code = "layer_needed"


class LayerMissingError(ImportingError):
    """The layer named is not there or holds no shapes; facts `layer` and `layers`, those that do."""

    code = "layer_missing"


class WhereInvalidError(ImportingError):
    """The condition is not one, or asks for a field that is not there; facts `where` and `fields`."""

    code = "where_invalid"


class FieldMissingError(ImportingError):
    """No such field, or none that looks like a code; facts `field` (None: not named) and `fields`."""

    code = "field_missing"


class NoFeaturesError(ImportingError):
    """Nothing in the layer, or nothing that meets the condition; facts `layer` and `where`."""

    code = "no_features"


class TooManyFeaturesError(ImportingError):
    """More features than a town has areas: a condition is needed; facts `layer` and `most`."""

    code = "too_many_features"


class CrsUnusableError(ImportingError):
    """The file's coordinate system cannot be turned into WGS 84; facts `crs` and `detail`."""

    code = "crs_unusable"


class UnknownLevelError(ImportingError):
    """There is no such level of the tree; facts `level` and `levels`."""

    code = "unknown_level"


class UnknownLayerError(ImportingError):
    """There is no such grid layer; facts `layer` and `layers`."""

    code = "unknown_layer"


class LayerWantedError(ImportingError):
    """A purpose, a moment or a replacement is asked for, which only grids of a layer have."""

    code = "layer_wanted"


class BeginsInPastError(ImportingError):
    """Ground cannot be redrawn for a time that is over; facts `begins` and `now`."""

    code = "begins_in_past"


class LaterPlannedError(ImportingError):
    """The layer is planned to change at that moment or later; facts `layer`, `begins` and `planned`, the last change."""

    code = "later_planned"
