"""Whose address a call is counted to."""

import pytest
from starlette.requests import Request

from crm.entry.sources import source_of


def request(*values: str, peer: str | None = "169.254.1.1") -> Request:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in values]
    client = None if peer is None else (peer, 80)
    return Request({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("values", "hops", "source"),
    [
        (["203.0.113.7"], 1, "203.0.113.7"),
        (["1.1.1.1, 2.2.2.2, 203.0.113.7"], 1, "203.0.113.7"),
        (["1.1.1.1", "2.2.2.2,203.0.113.7"], 1, "203.0.113.7"),
        (["203.0.113.7, "], 1, "203.0.113.7"),
        (["6.6.6.6, 203.0.113.7, 34.1.2.3"], 2, "203.0.113.7"),
        (["203.0.113.7"], 2, "203.0.113.7"),
        (["2001:db8:1:2:aaaa::1"], 1, "2001:db8:1:2::/64"),
        (["2001:db8:1:2:bbbb::2"], 1, "2001:db8:1:2::/64"),
        (["::ffff:203.0.113.7"], 1, "203.0.113.7"),
        (["fe80::1%eth0"], 1, "fe80::/64"),
        (["no address"], 1, "unknown"),
        (["x" * 10_000], 1, "unknown"),
        ([], 1, "169.254.1.1"),
    ],
)
def test_the_source_is_what_a_trusted_proxy_wrote(values: list[str], hops: int, source: str) -> None:
    assert source_of(request(*values), hops) == source


def test_a_call_over_a_socket_file_has_a_source_too() -> None:
    assert source_of(request(peer=None), 1) == ""
