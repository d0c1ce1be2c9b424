"""Refuses template sources that the Liquid library's regular expressions would take seconds to read.

Several of them are quadratic: an opening without an end is searched for once per opening, and a long run of
blanks is split in every possible way. What passes here is read in time proportional to its length.
"""

import re
from dataclasses import dataclass
from typing import Final

MAX_TAGS: Final = 500
"""Tags and outputs of a template, each line of a `liquid` tag counted."""

MAX_WORDS: Final = 2_000
"""Names, numbers and texts within all tags, each of which the library makes an object of and visits often."""

MAX_BLANKS: Final = 100
"""Consecutive blanks within a tag."""

MAX_BRACKETS: Final = 50
"""Opening brackets of each kind within a tag; in a `liquid` tag, within a line."""

_OPENING: Final = re.compile(r"\{[{%]")
_WORDS: Final = re.compile(r"""'[^']*'|"[^"]*"|\w+""")
_BLANKS: Final = re.compile(r"\s+")
_VERBATIM: Final = re.compile(r"\{%-?\s*+(raw|doc)\s*+-?%\}")
_ENDS: Final = {name: re.compile(rf"\{{%-?\s*+end{name}\s*+-?%\}}") for name in ("raw", "doc")}


@dataclass(frozen=True, slots=True)
class SourceFault:
    """Where a source is refused, as an index of it, and why."""

    index: int
    message: str


def source_fault(source: str) -> SourceFault | None:
    """The first reason to refuse the source unread, if there is one."""
    at, tags, words = 0, 0, 0
    while opening := _OPENING.search(source, at):
        start = opening.start()
        close = "}}" if opening[0] == "{{" else "%}"
        end = source.find(close, opening.end())
        if end < 0:
            return SourceFault(start, f"expected '{close}', found end of file")
        lines = _lines(source[opening.end() : end])
        tags += len(lines)
        words += sum(1 for line in lines for _ in _WORDS.finditer(line))
        message = _count_fault(tags, words) or _tag_fault(lines)
        if message is not None:
            return SourceFault(start, message)
        at = end + 2
        if verbatim := _VERBATIM.match(source, start):
            closing = _ENDS[verbatim[1]].search(source, at)
            if closing is None:
                return SourceFault(start, f"{verbatim[1]} is never closed")
            at = closing.end()
    return None


def _lines(tag: str) -> list[str]:
    """The tags within a `liquid` tag, each of which is a line; any other tag is one."""
    return tag.split("\n") if tag.lstrip("- \t\r\n").startswith("liquid") else [tag]


def _count_fault(tags: int, words: int) -> str | None:
    if tags > MAX_TAGS:
        return f"there are more than {MAX_TAGS} tags"
    return f"there are more than {MAX_WORDS:,} names and values within tags" if words > MAX_WORDS else None


def _tag_fault(lines: list[str]) -> str | None:
    if any(len(run) > MAX_BLANKS for line in lines for run in _BLANKS.findall(line)):
        return f"there are more than {MAX_BLANKS} blanks in a row within a tag"
    if any(line.count(bracket) > MAX_BRACKETS for line in lines for bracket in "(["):
        return f"there are more than {MAX_BRACKETS} brackets within a tag"
    return None
