"""Hosting in the cloud sends what the local gateway sends, so that a browser test here holds there."""

import re

from devstack.website import SECURITY
from tests.support import ROOT

HOSTING = (ROOT / "infra/terraform/hosting.tf").read_text(encoding="utf-8")


def test_hosting_and_the_local_gateway_send_the_same_security_headers() -> None:
    assert _hosted() == SECURITY


def test_nothing_inline_no_wildcard_and_no_script_from_strings() -> None:
    policy = dict(part.split(" ", 1) for part in SECURITY["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    for directive, sources in policy.items():
        assert not re.search(r"unsafe|\*|https?:(\s|$)", sources), directive


def _hosted() -> dict[str, str]:
    """Header → value of `security_headers`, as Terraform reads it."""
    found = re.search(r"security_headers = \{(.*?)\n  \}", HOSTING, re.DOTALL)
    assert found
    text = re.sub(r"join\(\"; \", \[(.*?)\]\)", _joined, found[1], flags=re.DOTALL)
    return {name.lower(): value for name, value in re.findall(r"([\w-]+)\s*= \"([^\"]*)\"", text)}


def _joined(call: re.Match[str]) -> str:
    return '"' + "; ".join(re.findall(r'"([^"]*)"', call[1])) + '"'
