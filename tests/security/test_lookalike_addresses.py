"""Claiming another person's invitation with an address that looks like theirs."""

from typing import Any

import pytest

from crm.access.members import Member
from crm.access.store.members import Members
from crm.platform.firestore.client import client
from tests.functions.campaigns.conftest import CLIENT_ID, Api, paths
from tests.functions.campaigns.conftest import api as api
from tests.functions.campaigns.conftest import function as function
from tests.identity import Issuer

pytestmark = pytest.mark.emulator

INVITED = "sam.kim@example.com"
LOOK_ALIKES = [
    "\u017fam.kim@example.com",  # LATIN SMALL LETTER LONG S
    "sam.\u212aim@example.com",  # KELVIN SIGN
    "SAM.\u212aIM@EXAMPLE.COM",
    "\uff53am.kim@example.com",  # FULLWIDTH s
    "sam.kim@example\uff0ecom",  # FULLWIDTH FULL STOP
    "sam.kim\uff20example.com",  # FULLWIDTH @
    "sam.k\u0131m@example.com",  # DOTLESS I
    "s\u0430m.kim@example.com",  # CYRILLIC a
    "sam.kim@ex\u0430mple.com",
    "sam.kim@example.com\u200b",  # ZERO WIDTH SPACE
    "sam\u00ad.kim@example.com",  # SOFT HYPHEN
    "sam.kim@example.com\u00a0",
    "\u1d2cam.kim@example.com",
    "\U0001d42cam.kim@example.com",  # MATHEMATICAL BOLD s
    "sam.kim@example.com ",
    "\tsam.kim@example.com",
    "sam.kim@example.com\x00",
    "sam.kim@example.com,eve@evil.example",
]


async def enter(api: Api, credential: str) -> int:
    answer = await api.http.post(
        "/api/v1/session", json={"credential": credential}, headers={"X-Requested-With": "crm"}
    )
    return answer.status_code


@pytest.mark.parametrize("email", LOOK_ALIKES, ids=ascii)
async def test_a_look_alike_neither_signs_in_nor_is_added(api: Api, issuer: Issuer, email: str) -> None:
    await Members(client(api.project)).add(Member(email=INVITED, role="admin"))
    claims: dict[str, Any] = {"email": email, "sub": "eve"}
    assert await enter(api, issuer.sign_in_token("eve", CLIENT_ID, **claims)) in (401, 403)
    member = await Members(client(api.project)).find(INVITED)
    assert member is not None
    assert member.subject is None, "the invitation is still open"

    added = await api.post("/members", {"email": email, "role": "viewer"}, "admin")
    assert added.status_code == 422
    assert paths(added) == ["email"]
    if not email.isascii():
        assert "which no address of a Google account does" in added.json()["errors"][0]["message"]


async def test_the_invited_person_signs_in_however_the_address_is_written(api: Api, issuer: Issuer) -> None:
    await Members(client(api.project)).add(Member(email="Sam.Kim@Example.com", role="viewer"))
    for email in (INVITED, "SAM.KIM@EXAMPLE.COM"):
        credential = issuer.sign_in_token(email, CLIENT_ID, sub="sam")
        assert await enter(api, credential) == 200
