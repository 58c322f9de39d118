"""Vector tiles taken apart (Mapbox Vector Tile 2.1): layers, and properties and shape of each feature."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shapely import Geometry, LinearRing, LineString, MultiLineString, MultiPoint, MultiPolygon, Polygon

LAYERS, NAME, FEATURES, KEYS, VALUES, TAGS, KIND, COMMANDS = 3, 1, 2, 3, 4, 2, 3, 4
POINT, LINE = 1, 2
MOVE_TO, CLOSE = 1, 7
WIDTHS = {1: 8, 5: 4}


@dataclass
class Layer:
    """A layer's name, the properties of its features, and their shapes in steps of the tile, y downwards."""

    name: str = ""
    features: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[Geometry] = field(default_factory=list)


def layers_of(tile: bytes) -> list[Layer]:
    """Take a tile apart; empty bytes are a tile without layers."""
    return [_layer(value) for number, value in _fields(tile) if number == LAYERS]


def _layer(content: bytes) -> Layer:
    parts: dict[int, list[Any]] = {NAME: [], FEATURES: [], KEYS: [], VALUES: []}
    for number, value in _fields(content):
        parts.setdefault(number, []).append(value)
    keys = [key.decode() for key in parts[KEYS]]
    values = [next(_value(number, one) for number, one in _fields(value)) for value in parts[VALUES]]
    layer = Layer(parts[NAME][0].decode())
    for feature in parts[FEATURES]:
        tags = [tag for number, packed in _fields(feature) if number == TAGS for tag in _varints(packed)]
        layer.features.append({keys[tags[at]]: values[tags[at + 1]] for at in range(0, len(tags), 2)})
        layer.shapes.append(_shape(feature))
    return layer


def _shape(feature: bytes) -> Geometry:
    kind = next(value for number, value in _fields(feature) if number == KIND)
    parts = _parts([one for number, packed in _fields(feature) if number == COMMANDS for one in _varints(packed)])
    if kind == POINT:
        return MultiPoint([point for part in parts for point in part])
    if kind == LINE:
        return MultiLineString([LineString(part) for part in parts])
    polygons: list[list[Any]] = []
    for part in parts:
        if not polygons or Polygon(part).area == 0 or LinearRing(part).is_ccw:  # as reckoned with y upwards
            polygons.append([part])
        else:
            polygons[-1].append(part)
    return MultiPolygon([Polygon(shell, holes) for shell, *holes in polygons])


def _parts(commands: list[int]) -> list[list[tuple[int, int]]]:
    parts: list[list[tuple[int, int]]] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        for _ in range(0 if command == CLOSE else count):
            x, y, at = x + _signed(commands[at]), y + _signed(commands[at + 1]), at + 2
            if command == MOVE_TO:
                parts.append([])
            parts[-1].append((x, y))
    return parts


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _value(number: int, value: Any) -> Any:
    return value.decode() if number == 1 else value


def _fields(content: bytes) -> Iterator[tuple[int, Any]]:
    """Yield number and value of each field of a protocol buffer."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(content, at)
            yield number, value
            continue
        size, at = _varint(content, at) if kind == 2 else (WIDTHS[kind], at)
        yield number, content[at : at + size]
        at += size


def _varints(packed: bytes) -> Iterator[int]:
    at = 0
    while at < len(packed):
        value, at = _varint(packed, at)
        yield value


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
