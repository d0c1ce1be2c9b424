"""Writes what was measured into docs/speed.md, where its place is marked."""

import re
from typing import Final

from devstack.paths import ROOT

PAGE: Final = ROOT / "docs" / "speed.md"


def put(name: str, text: str) -> None:
    """Put Markdown between `<!-- begin NAME -->` and `<!-- end NAME -->`. Raises LookupError without them."""
    place = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    page, found = place.subn(lambda match: f"{match[1]}\n{text}\n\n{match[2]}", PAGE.read_text("utf-8"))
    if not found:
        raise LookupError(f"{PAGE} has no place for {name!r}")
    PAGE.write_text(page, "utf-8")
