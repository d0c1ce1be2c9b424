"""Characters that nobody sees. They make two texts look the same, turn one around, or carry another text.

Hidden is what Unicode counts as control (Cc), format (Cf), or line and paragraph separator (Zl, Zp), or gives
the property Default_Ignorable_Code_Point: among these are fillers, tag characters and variation selectors.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

_CATEGORIES: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})

_ASSIGNED: Final = (range(0x20000), range(0xE0000, 0xE1000))
"""Where characters of these categories are; the other planes hold ideographs, or nothing that has a name."""

_SELECTORS: Final = r"\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Variation selectors."""

_IGNORABLE: Final = (
    rf"{_SELECTORS}\u034f\u115f\u1160\u17b4\u17b5\u2065\u3164\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff"
)
"""What has that property, but another category. Python knows the categories, not the property."""

_JOINERS: Final = r"\u200c\u200d"


def _tags(letters: str) -> str:
    return "".join(chr(0xE0000 + ord(each)) for each in letters)


_FLAG: Final = re.compile(
    f"(\U0001f3f4(?:{'|'.join(map(_tags, ('gbeng', 'gbsct', 'gbwls')))}){_tags(chr(0x7F))})"
)
"""The flags of England, Scotland and Wales: a black flag, and what it stands for in tag characters."""


def has_hidden(text: str) -> bool:
    """Whether a character of the text is hidden. Ids and addresses may have none."""
    return not _is_plain(text) and _patterns().hidden.search(text) is not None


def without_hidden(text: str) -> str:
    """The text without any hidden character."""
    return text if _is_plain(text) else _patterns().hidden.sub("", text)


def one_line(text: str) -> str:
    """The text as one line without hidden characters, but for those that change how visible ones look.

    Line ends, tabs and other blanks become single blanks if there are any but plain ones. One variation
    selector stays after a visible character, as in emoji and Japanese names, and one joiner or non-joiner
    between two visible characters, as in emoji and Persian. Tag characters stay only in the three flags that
    Unicode makes of them.
    """
    if _is_plain(text) or (text.isprintable() and not has_hidden(text)):
        return text
    line = " ".join(text.split())
    if not has_hidden(line):
        return line
    dropped = _patterns().dropped
    parts = [part if _FLAG.fullmatch(part) else dropped.sub("", part) for part in _FLAG.split(line)]
    return " ".join("".join(parts).split())


def part_of_line(text: str) -> str:
    """As `one_line`, for a part of a text: a blank at either end stays."""
    line = one_line(text).strip()
    if not line:
        return _blank(text)
    return _blank(text[: text.index(line[0])]) + line + _blank(text[text.rindex(line[-1]) + 1 :])


def _blank(text: str) -> str:
    return " " if any(map(str.isspace, text)) else ""


def filled_line(text: str) -> str:
    """The text as one line. Raises ValueError if nothing of it is left."""
    if not (line := one_line(text)):
        raise ValueError("is empty")
    return line


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


@dataclass(frozen=True, slots=True)
class _Patterns:
    hidden: re.Pattern[str]
    dropped: re.Pattern[str]
    """A hidden character that does not shape a visible one."""


@cache
def _patterns() -> _Patterns:
    """Made when the first text needs them, in some 20 ms, to keep the start of a process short."""
    codes = (code for code in chain(*_ASSIGNED) if unicodedata.category(chr(code)) in _CATEGORIES)
    hidden = f"{_ranges(codes)}{_IGNORABLE}"
    visible = rf"[^{hidden}\s]"
    kept = (
        rf"(?<={visible})[{_SELECTORS}]",
        rf"(?<={visible})[{_JOINERS}](?={visible})",
        rf"(?<={visible}[{_SELECTORS}])[{_JOINERS}](?={visible})",
    )
    return _Patterns(re.compile(f"[{hidden}]"), re.compile(f"(?!{'|'.join(kept)})[{hidden}]"))


def _ranges(codes: Iterable[int]) -> str:
    """Ascending code points as ranges of a character class."""
    found: list[list[int]] = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in found)
