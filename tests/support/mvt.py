"""Vector tiles taken apart (Mapbox Vector Tile 2.1): layers, and the properties of each feature; no geometry."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

LAYERS, NAME, FEATURES, KEYS, VALUES, TAGS = 3, 1, 2, 3, 4, 2
WIDTHS = {1: 8, 5: 4}


@dataclass
class Layer:
    """A layer's name and the properties of its features."""

    name: str = ""
    features: list[dict[str, Any]] = field(default_factory=list)


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
    return layer


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
