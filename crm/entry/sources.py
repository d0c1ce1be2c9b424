"""The address that a call comes from, of which an attacker chooses nothing."""

import ipaddress

from starlette.requests import Request

HEADER = "x-forwarded-for"


def source_of(request: Request, trusted_hops: int) -> str:
    """The caller's IPv4 address, or the /64 of an IPv6 address, since one caller has all of that.

    Each proxy appends to `X-Forwarded-For` the address that called it. Only the last `trusted_hops` entries
    were written by proxies of ours, and the first of these is the caller; others came from outside.
    Without the header it is the connection's other end.
    """
    entries = [
        entry.strip()
        for value in request.headers.getlist(HEADER)
        for entry in value.split(",")
        if entry.strip()
    ]
    if entries:
        return _network_of(entries[max(0, len(entries) - trusted_hops)])
    return _network_of(request.client.host) if request.client else ""


def _network_of(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_address(int(address) >> 64 << 64)) + "/64"
    return str(address)
