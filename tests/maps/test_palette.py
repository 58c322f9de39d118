"""The palette: readable in both themes, written once."""

import re

import pytest

from maps.palette import DARK, LIGHT, PAIRS, THEMES, map_colours, tokens_css


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_gives_the_known_extremes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_what_is_written_can_be_read(theme: str, front: str, back: str, least: float) -> None:
    values = THEMES[theme]
    assert contrast(values[front], values[back]) >= least


def test_panels_over_the_map_are_as_readable_as_panels() -> None:
    for values in THEMES.values():
        assert values["panel-over-map"][:7] == values["panel"]
        assert int(values["panel-over-map"][7:], 16) >= round(0.92 * 255)


def test_both_themes_have_the_same_roles() -> None:
    assert list(DARK) == list(LIGHT)


def test_the_five_shades_go_one_way() -> None:
    for values, brighter in ((DARK, True), (LIGHT, False)):
        steps = [luminance(values[f"ground-{step}"]) for step in range(1, 6)]
        assert steps == sorted(steps, reverse=not brighter)


def test_the_style_sheet_carries_every_token_of_both_themes() -> None:
    css = tokens_css()
    dark = re.search(r'\[data-theme="dark"\]\{(.*?)\}', css)
    light = re.search(r'(?m)^\[data-theme="light"\]\{(.*?)\}', css)
    assert dark is not None
    assert light is not None
    assert dict(pair.split(":") for pair in dark[1].strip(";").split(";")) == {f"--{k}": v for k, v in DARK.items()}
    assert light[1].count(":") == len(LIGHT)
    assert css.count("{") == css.count("}")


def test_paper_is_always_light() -> None:
    assert "@media print{:root[data-theme]{--page:" + LIGHT["page"] in tokens_css()


def test_a_canvas_gets_the_colours_of_its_theme() -> None:
    assert map_colours("light")["water"] == LIGHT["water"]
    assert set(map_colours("dark")) == set(map_colours("light"))
