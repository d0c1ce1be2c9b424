"""Finds numbers spelled out in English: "ninety-five percent", "nine in ten", "two hundred"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

# fmt: off
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "twentieth": 20, "hundredth": 100,
}
# fmt: on
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_VALUES = {word: value for value, word in enumerate(_SMALL)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
_WORD = re.compile(r"[a-z]+|[%.,;:!?()]")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A number in words: a `count`, a `percent`, or a `share` (value 0.9 for "nine in ten")."""

    value: Fraction
    kind: Literal["count", "percent", "share"]
    text: str


def spoken_numbers(text: str) -> Iterator[Spoken]:
    """Every number that `text` spells out, in order."""
    words = _WORD.findall(text.lower())
    at = 0
    while at < len(words):
        value, end = _number(words, at)
        if value is None:
            at += 1
            continue
        kind, found, end = _kind(words, end, value)
        yield Spoken(found, kind, " ".join(words[at:end]))
        at = end


def _kind(
    words: Sequence[str], at: int, value: int
) -> tuple[Literal["count", "percent", "share"], Fraction, int]:
    rest = [*words[at : at + 2], "", ""]
    if rest[0] in ("percent", "percentage", "%", "pct"):
        return "percent", Fraction(value), at + 1
    if rest[:2] == ["per", "cent"]:
        return "percent", Fraction(value), at + 2
    part = _PARTS.get(rest[0], _PARTS.get(rest[0].removesuffix("s")))
    if part:
        return "share", Fraction(value, part), at + 1
    for link in (["in"], ["out", "of"], ["of", "every"]):
        if rest[: len(link)] == link:
            whole, end = _number(words, at + len(link))
            if whole:
                return "share", Fraction(value, whole), end
    return "count", Fraction(value), at


def _number(words: Sequence[str], at: int) -> tuple[int | None, int]:
    """The number that begins at `at`, or None, and the index after it."""
    if at < len(words) and words[at] in ("a", "an", "half"):
        return _after_article(words, at)
    total = 0
    current: int | None = None
    while at < len(words):
        word = words[at]
        if word in _VALUES:
            current = (current or 0) + _VALUES[word]
        elif word == "hundred" and current is not None:
            current *= 100
        elif word in _SCALES and current is not None:
            total, current = total + current * _SCALES[word], 0
        else:
            break
        at += 1
    return (None, at) if current is None else (total + current, at)


def _after_article(words: Sequence[str], at: int) -> tuple[int | None, int]:
    """ "a hundred", "a third of", "half of" """
    following = words[at + 1] if at + 1 < len(words) else ""
    if words[at] == "half":
        return (1, at) if following in ("of", "the") else (None, at)
    if following in _SCALES:
        return _SCALES[following], at + 2
    is_share = following in _PARTS and words[at + 2 : at + 3] == ["of"]
    return (1, at + 1) if is_share else (None, at)
