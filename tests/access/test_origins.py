"""Where calls come from, as the audit log keeps it."""

import pytest

from crm.access.origins import agent_of, network_of

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
EDGE = f"{CHROME} Edg/131.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_an_address_is_kept_as_its_network(source: str, network: str) -> None:
    assert network_of(source) == network


@pytest.mark.parametrize(
    ("header", "agent"),
    [
        (CHROME, "Chrome on Linux"),
        (EDGE, "Edge on Linux"),
        (IPHONE, "Safari on iOS"),
        (FIREFOX, "Firefox on Windows"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28", "Python"),
        ("<script>alert(1)</script>" * 1000, "Another program"),
        ("", ""),
    ],
)
def test_a_program_is_kept_as_its_family(header: str, agent: str) -> None:
    assert agent_of(header) == agent
