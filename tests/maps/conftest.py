"""What tests of the maps share: the texts in both languages and an invented town."""

import json
from importlib import resources

import pytest

LANGUAGES = {"zh": "zh_Hans", "en": "en"}


@pytest.fixture(params=sorted(LANGUAGES))
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def texts(lang: str) -> dict[str, str]:
    file = resources.files("maps").joinpath("locale", f"{LANGUAGES[lang]}.json")
    read: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return read


@pytest.fixture
def town() -> dict[str, object]:
    return {
        "name": "云溪镇",
        "name_en": "Yunxi",
        "centre": [118.32, 27.03],
        "bounds": [118.30, 27.01, 118.34, 27.05],
        "demo": True,
    }
