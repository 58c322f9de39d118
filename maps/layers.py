"""What lies on our maps, as folium elements: each names a script of ours and hands it plain options."""

from maps.html import KNOWN, Layer
from maps.palette import map_colours

_KIT = ("wangge", "/static/js/map/kit.js")
_VECTORGRID = ("vectorGrid", next(url for url in KNOWN if "vectorgrid" in url))


class BaseMap(Layer):
    """The town from vector tiles: ground, buildings, streets and borders on one canvas, names on another."""

    kind = "base"
    scripts = (_VECTORGRID, _KIT)

    def __init__(self, theme: str, shown: tuple[str, ...]) -> None:
        super().__init__(colours=map_colours(theme), layers=list(shown))


class Grids(Layer):
    """The grids, shaded by how many open incidents each has; steps are the smallest count of each shade."""

    kind = "grids"
    scripts = (_KIT,)

    def __init__(self, steps: tuple[int, int, int, int, int] = (0, 1, 2, 3, 5)) -> None:
        super().__init__(steps=list(steps))


class Incidents(Layer):
    """Open incidents by urgency; below `each_from` zoom those of one grid become one symbol with a count."""

    kind = "incidents"
    scripts = (_KIT,)

    def __init__(self, each_from: int = 15) -> None:
        super().__init__(each_from=each_from)


class Workers(Layer):
    """Everybody on duty on one canvas, at the last known position."""

    kind = "workers"
    scripts = (_KIT,)


class OwnPosition(Layer):
    """Where the person holding the phone is, with the accuracy of the fix, and the task to go to."""

    kind = "own"
    scripts = (_KIT,)
