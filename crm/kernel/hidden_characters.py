"""Characters that nobody sees. They make two texts look the same, turn one around, or carry another text.

Hidden is what Unicode counts as control (Cc), format (Cf), or line and paragraph separator (Zl, Zp), or gives
the property Default_Ignorable_Code_Point: among these are fillers, tag characters and variation selectors.
"""

import re
import unicodedata
from itertools import groupby
from typing import Final

_CATEGORIES: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})

_SELECTORS: Final = r"\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Variation selectors."""

_IGNORABLE: Final = re.compile(
    rf"[{_SELECTORS}\u034f\u115f\u1160\u17b4\u17b5\u2065\u3164\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""What has that property, but another category. Python knows the categories, not the property."""

_JOINED: Final = re.compile(rf"[{_SELECTORS}]?[\u200c\u200d]?")
_TAGS: Final = tuple(
    "".join(chr(0xE0000 + ord(each)) for each in f"{name}\x7f") for name in ("gbeng", "gbsct", "gbwls")
)
_BLACK_FLAG: Final = "\U0001f3f4"


def has_hidden(text: str) -> bool:
    """Whether a character of the text is hidden. Ids and addresses may have none."""
    return not (text.isascii() and text.isprintable()) and any(map(_is_hidden, set(text)))


def one_line(text: str) -> str:
    """The text as one line without hidden characters, but for those that change how visible ones look.

    Line ends, tabs and other blanks become single blanks if there are any but plain ones. After a visible
    character stay one variation selector, as in emoji and Japanese names, and one joiner or non-joiner if
    another visible character follows, as in emoji and Persian. The tags of the flags of England, Scotland and
    Wales stay after a black flag, all other tags are dropped.
    """
    if text.isprintable() and not _IGNORABLE.search(text):
        return text
    line = " ".join(text.split())
    if not has_hidden(line):
        return line
    return " ".join(_without_hidden(line).split())


def filled_line(text: str) -> str:
    """The text as one line. Raises ValueError if nothing of it is left."""
    if not (line := one_line(text)):
        raise ValueError("is empty")
    return line


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _CATEGORIES or _IGNORABLE.match(character) is not None


def _without_hidden(line: str) -> str:
    kept = ""
    end = 0
    for hidden, characters in groupby(line, _is_hidden):
        run = "".join(characters)
        end += len(run)
        kept += _shaping(kept[-1:], run, line[end : end + 1]) if hidden else run
    return kept


def _shaping(before: str, run: str, after: str) -> str:
    """What stays of a run of hidden characters between two visible ones; each is empty at an end."""
    if before == _BLACK_FLAG and run.startswith(_TAGS):
        return run[: len(_TAGS[0])]
    if before in ("", " "):
        return ""
    found = _JOINED.match(run)
    assert found
    return found[0] if after.strip() else found[0].rstrip("\u200c\u200d")
