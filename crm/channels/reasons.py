"""Why a message failed, as vendors say it: without the address that they like to repeat.

A reason stays in the communication log when its customer is erased.
"""

import re
from typing import Final

MAX_REASON: Final = 500
"""Characters of a reason."""

_ADDRESS: Final = re.compile(
    r"[^\s@<>\",;:()\[\]]+@[^\s@<>\",;:()\[\]]+|\+[0-9][0-9 ().-]{5,}[0-9]|[0-9]{7,}"
)
"""An e-mail address, or a phone number: shorter runs of digits are codes, such as 550 5.1.1."""


def impersonal(reason: str | None) -> str | None:
    """The reason with "…" in place of each address; it never becomes longer."""
    return None if reason is None else _ADDRESS.sub("…", reason)[:MAX_REASON]
