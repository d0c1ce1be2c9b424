"""Removes addresses from the reasons that vendors give for a failed message.

The communication log keeps a reason after its customer is erased, so it must not identify anybody.
"""

import re
from typing import Final

MAX_REASON: Final = 500
"""Characters of a reason that are kept."""

_ADDRESS: Final = re.compile(
    r"[^\s@<>\",;:()\[\]]+@[^\s@<>\",;:()\[\]]+|\+[0-9][0-9 ().-]{5,}[0-9]|[0-9]{7,}"
)
"""An e-mail address or a phone number. Shorter runs of digits are codes, such as 550 5.1.1."""


def impersonal(reason: str | None) -> str | None:
    """The reason with each address replaced by "…", cut to `MAX_REASON`."""
    return None if reason is None else _ADDRESS.sub("…", reason)[:MAX_REASON]
