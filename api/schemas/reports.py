"""What report is wanted."""

from typing import Literal

from api.schemas.figures import FiguresIn

type Lang = Literal["zh", "en"]


class ReportIn(FiguresIn):
    """Over which days and what part of the town, as what, in which language; `by` is not looked at."""

    format: Literal["pdf", "html", "xlsx"] = "pdf"
    lang: Lang = "zh"
