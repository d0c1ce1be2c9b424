"""Where a call came from, as the audit log keeps it: exact enough to notice a stranger, too coarse to follow
a person around."""

import ipaddress
from dataclasses import dataclass
from typing import Final

_PREFIXES: Final = {4: 24, 6: 48}
"""Bits of an address that are kept, by its version."""

_BROWSERS: Final = (
    # The first that is named counts: most browsers also name those that they resemble.
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a call came from. Both are empty where nobody called over HTTP."""

    network: str = ""
    """The network of the caller's address: /24 of IPv4, /48 of IPv6."""
    agent: str = ""
    """The family of the program that called, and of its system: `Firefox on Linux`."""


NOWHERE: Final = Origin()


def network_of(source: str) -> str:
    """The network of an address, or of a smaller network; empty for anything else."""
    try:
        found = ipaddress.ip_network(source, strict=False)
    except ValueError:
        return ""
    return str(found.supernet(new_prefix=min(found.prefixlen, _PREFIXES[found.version])))


def agent_of(header: str) -> str:
    """The family of the program and system that a `User-Agent` names, in no words but ours."""
    browser = next((name for mark, name in _BROWSERS if mark in header), "Another program" if header else "")
    system = next((name for mark, name in _SYSTEMS if mark in header), "")
    return f"{browser} on {system}" if browser and system else browser
