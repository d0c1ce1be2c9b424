"""Ages as people give them to commands: `90m`, `36h`, `7d`."""

import re
from datetime import timedelta

from crm.cli.console import Sorry

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_AGE = re.compile(r"(\d{1,5})([mhd])")


def age(text: str) -> timedelta:
    """The time that a text such as `36h` means. Raises Sorry."""
    found = _AGE.fullmatch(text.strip())
    if not found:
        raise Sorry(f"{text!r} is no age: give minutes, hours or days, such as 90m, 36h or 7d.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
