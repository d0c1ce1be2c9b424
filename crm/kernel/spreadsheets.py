"""Keeps text in CSV files from being run as a formula by the spreadsheet that opens them."""

import re
from typing import Final

_SEPARATOR: Final = re.compile(r"[,;|\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
"""Where a spreadsheet may begin a cell: at what it splits lines in other countries, and at each line end,
whatever the file's own delimiter and quotes say."""

_BEFORE: Final = r"""[,;|\s"\x00-\x1f\u200b\u2060\ufeff]"""
"""Separators, blanks, quotes and marks that a spreadsheet may ignore before a formula."""

_FORMULA: Final = re.compile(rf"(?<!{_BEFORE})({_BEFORE}*+)(?=[=+\-@＝＋－＠])")
"""Each run of such characters is looked at once, so the time is linear."""

_PHONE: Final = re.compile(r"\+[0-9][0-9 ().-]*")


def inert(text: str) -> str:
    """The text of a cell, with an apostrophe before each place where a spreadsheet may see a formula begin.

    Those are its beginning and what follows a separator or a line end within it. A text that begins with a
    tab or a line end, which a spreadsheet may drop, gets an apostrophe in front.

    A cell that is a phone number as a whole, such as `+44 20 7946 0018`, stays as it is, so that it can be
    imported again. It holds only digits, blanks, brackets, dots and hyphens, so it can name no function, no
    other cell and no program: at worst a spreadsheet shows the result of a subtraction.
    """
    if _PHONE.fullmatch(text):
        return text
    made = _FORMULA.sub(_guarded, text)
    return f"'{made}" if made.startswith(("\t", "\r", "\n")) else made


def _guarded(found: re.Match[str]) -> str:
    before = found[1]
    return f"{before}'" if found.start() == 0 or _SEPARATOR.search(before) else before
