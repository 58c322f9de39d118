"""Chinese names for a demo town, put together from the words of `names.toml` and of its place."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

import numpy as np

type Words = Mapping[str, tuple[str, ...]]

STOCK: Words = {
    key: tuple(words.split())
    for key, words in tomllib.loads(files("data.demo").joinpath("names.toml").read_text(encoding="utf-8")).items()
}
DIGITS = "零一二三四五六七八九"


def ordinal(number: int) -> str:
    """Write 1..999 in Chinese numerals as an ordinal is spoken: 十二, 二十, 一百零三."""
    hundreds, rest = divmod(number, 100)
    if hundreds:
        gap = "零" if 0 < rest < 10 else ""
        middle = "一" if 10 <= rest < 20 else ""
        return DIGITS[hundreds] + "百" + gap + middle + (ordinal(rest) if rest else "")
    tens, ones = divmod(rest, 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def stems(stock: Sequence[str], rng: np.random.Generator) -> Iterator[str]:
    """Give distinct stems for ever: the stock in its order, then invented pairs, then numbered pairs."""
    given = dict.fromkeys(stock)
    yield from given
    pairs = [head + tail for head in STOCK["pair_heads"] for tail in STOCK["pair_tails"] if head != tail]
    fresh = [pair for pair in pairs if pair not in given]
    order = [fresh[row] for row in rng.permutation(len(fresh))]
    yield from order
    number = 2
    while True:
        yield from (stem + ordinal(number) for stem in order)
        number += 1


def compounds(words: Words, rng: np.random.Generator) -> Iterator[str]:
    """Give distinct names of residential compounds for ever."""
    pairs = [head + tail for head in words["compound_heads"] for tail in words["compound_tails"]]
    order = [pairs[row] for row in rng.permutation(len(pairs))]
    yield from order
    phase = 2
    while True:
        yield from (f"{name}{ordinal(phase)}期" for name in order)
        phase += 1


def shops(words: Words, rng: np.random.Generator, count: int) -> list[str]:
    """Name so many shops; names may repeat as they do in a town."""
    parts = (_drawn(words[key], count, rng) for key in ("pair_heads", "pair_tails", "shops"))
    return ["".join(words) for words in zip(*parts, strict=True)]


def people(rng: np.random.Generator, count: int) -> list[str]:
    """Name so many people, one in five with a single given name."""
    single = rng.random(count) < 0.2
    parts = [_drawn(STOCK[key], count, rng) for key in ("surnames", "given_names", "given_names")]
    return [
        family + first + ("" if short else second)
        for family, first, second, short in zip(*parts, single.tolist(), strict=True)
    ]


def _drawn(stock: Sequence[str], count: int, rng: np.random.Generator) -> list[str]:
    return [stock[row] for row in rng.integers(0, len(stock), count)]
