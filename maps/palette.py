"""The colours, type and sizes that pages, maps and symbols share: the one place where they are written."""

from collections.abc import Mapping
from types import MappingProxyType

# Roles and values: docs/design.md. Both themes carry the same roles.
DARK: Mapping[str, str] = MappingProxyType(
    {
        "page": "#0b1320",
        "panel": "#121d2e",
        "panel-over-map": "#121d2eeb",  # 92 %
        "raised": "#1a2840",
        "line": "#24344a",
        "text": "#e8eef7",
        "text-2": "#9fb2c9",
        "link": "#63b3ff",
        "on-link": "#0b1320",
        "halo": "#0b1320",
        "emergency": "#ff5a5f",
        "urgent": "#ff9f40",
        "ordinary": "#ffd166",
        "on-incident": "#0b1320",
        "sign-line": "#0b1320",
        "ring": "#ffffff",
        "alarm": "#ff5a5f",
        "person": "#4dd4ac",
        "person-off": "#8b9bb0",
        "good": "#4dd4ac",
        "warn": "#ffd166",
        "on-warn": "#0b1320",
        "chosen": "#e6f1ff",
        "border": "#3a5673",
        "border-area": "#7f9cbd",
        "outside": "#0b1320",
        "ground-1": "#14283d",
        "ground-2": "#1d4462",
        "ground-3": "#2b6688",
        "ground-4": "#5a93b3",
        "ground-5": "#a5c9dc",
        "water": "#0c1b2b",
        "green": "#173434",
        "plaza": "#1b2c42",
        "building": "#e6f1ff14",
        "building-line": "#e6f1ff2e",
        "street": "#e6f1ff2b",
        "street-main": "#e6f1ff4a",
        "street-case": "#0b132066",
        "label": "#c3d1e2",
        "label-2": "#9fb2c9",
        "chart-1": "#6fb1d6",
        "chart-2": "#e0a54a",
        "chart-3": "#4a6885",
        "class-1": "#1b3550",
        "class-2": "#24557a",
        "class-3": "#3a7ba3",
        "class-4": "#6ba5c6",
        "class-5": "#b3d5e6",
    }
)

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "page": "#f3f6fa",
        "panel": "#ffffff",
        "panel-over-map": "#fffffff2",
        "raised": "#e9eff6",
        "line": "#c6d2e0",
        "text": "#0f1d2d",
        "text-2": "#46586e",
        "link": "#0a58a8",
        "on-link": "#ffffff",
        "halo": "#ffffff",
        "emergency": "#ff5a5f",
        "urgent": "#ff9f40",
        "ordinary": "#ffd166",
        "on-incident": "#0f1d2d",
        "sign-line": "#0f1d2d",
        "ring": "#0f1d2d",
        "alarm": "#c81e2c",
        "person": "#0b7a5c",
        "person-off": "#5c6b7f",
        "good": "#0b7a5c",
        "warn": "#fff0c2",
        "on-warn": "#4a3500",
        "chosen": "#0a58a8",
        "border": "#9db3c9",
        "border-area": "#5c7896",
        "outside": "#e7edf3",
        "ground-1": "#f4f6f8",
        "ground-2": "#dbe8f1",
        "ground-3": "#b9d3e3",
        "ground-4": "#8fb7d0",
        "ground-5": "#5a93b3",
        "water": "#bfd9ea",
        "green": "#d3e6d3",
        "plaza": "#ece7dc",
        "building": "#dde3ea",
        "building-line": "#bcc7d3",
        "street": "#ffffff",
        "street-main": "#ffe9b8",
        "street-case": "#b9c5d2",
        "label": "#2b3c50",
        "label-2": "#46586e",
        "chart-1": "#1f6f9f",
        "chart-2": "#8f5f10",
        "chart-3": "#a9bfd2",
        "class-1": "#e3eef6",
        "class-2": "#b9d6e8",
        "class-3": "#83b3d1",
        "class-4": "#4586b0",
        "class-5": "#1f5a86",
    }
)

THEMES: Mapping[str, Mapping[str, str]] = MappingProxyType({"dark": DARK, "light": LIGHT})

TYPE: Mapping[str, str] = MappingProxyType(
    {
        "font": 'system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif',
        "size-1": "12px",
        "size-2": "14px",
        "size-3": "16px",
        "size-4": "20px",
        "size-5": "28px",
        "size-6": "44px",
        "leading": "1.5",
        "once": "200ms",  # how long a change shows
    }
)

# What is written on what: foreground, background, smallest contrast (WCAG 2.2, 1.4.3; 1.4.11 for symbols).
PAIRS: tuple[tuple[str, str, float], ...] = (
    ("text", "page", 4.5),
    ("text", "panel", 4.5),
    ("text", "raised", 4.5),
    ("text-2", "page", 4.5),
    ("text-2", "panel", 4.5),
    ("text-2", "raised", 4.5),
    ("link", "page", 4.5),
    ("link", "panel", 4.5),
    ("on-link", "link", 4.5),
    ("on-incident", "emergency", 4.5),
    ("on-incident", "urgent", 4.5),
    ("on-incident", "ordinary", 4.5),
    ("alarm", "panel", 4.5),
    ("alarm", "raised", 4.5),
    ("on-warn", "warn", 4.5),
    ("label", "ground-1", 4.5),
    ("label", "halo", 4.5),
    ("label-2", "halo", 4.5),
    ("person", "ground-1", 3.0),
    ("person-off", "ground-1", 3.0),
    ("emergency", "sign-line", 3.0),  # in daylight the outline carries the shape
    ("urgent", "sign-line", 3.0),
    ("ordinary", "sign-line", 3.0),
    ("on-link", "chart-1", 4.5),
    ("on-link", "chart-2", 4.5),
)

_MAP_ROLES = (
    "outside", "border", "border-area", "chosen", "ground-1", "ground-2", "ground-3", "ground-4", "ground-5", "water", "green",
    "plaza", "building", "building-line", "street", "street-main", "street-case", "label", "label-2", "halo",
    "person", "person-off",
)  # fmt: skip


def _block(selector: str, values: Mapping[str, str]) -> str:
    return selector + "{" + "".join(f"--{name}:{value};" for name, value in values.items()) + "}\n"


def tokens_css() -> str:
    """Write every token as a CSS variable: dark unless `data-theme` says light, and always light on paper."""
    return (
        _block(":root", TYPE)
        + _block(':root,[data-theme="dark"]', DARK)
        + _block('[data-theme="light"]', LIGHT)
        + "@media print{"
        + _block(":root[data-theme]", LIGHT)
        + "}\n"
    )


def map_colours(theme: str) -> dict[str, str]:
    """Pick what the canvas of a map draws with, by role, for scripts that cannot use CSS variables."""
    return {role: THEMES[theme][role] for role in _MAP_ROLES}
