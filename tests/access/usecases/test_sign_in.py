"""Which accounts may sign in with a genuine token."""

from dataclasses import replace
from typing import Any

import pytest

from crm.access.members import Member
from crm.access.usecases.sign_in import SignIn
from crm.kernel.errors import Forbidden, Unauthenticated

CLAIMS: dict[str, Any] = {
    "sub": "sub-1",
    "email": "Mira@Example.com",
    "email_verified": True,
    "name": "Mira Shah",
}


class InMemoryMembers:
    """Members in memory."""

    def __init__(self, *members: Member) -> None:
        self.members = {member.email: member for member in members}

    async def find(self, email: str) -> Member | None:
        return self.members.get(email)

    async def bind(self, member: Member, subject: str) -> Member:
        bound = self.members[member.email] = replace(member, subject=subject)
        return bound


MIRA = Member(email="mira@example.com", role="marketer")


async def test_a_member_signs_in_whatever_the_case_of_the_address() -> None:
    person = await SignIn(members=InMemoryMembers(MIRA))(CLAIMS, None)
    assert (person.email, person.name, person.role) == ("mira@example.com", "Mira Shah", "marketer")


async def test_a_token_without_a_name_shows_the_address() -> None:
    person = await SignIn(members=InMemoryMembers(MIRA))({**CLAIMS, "name": None}, None)
    assert person.name == "mira@example.com"


@pytest.mark.parametrize(("in_token", "in_request"), [("a", "b"), ("a", None), (None, "b")])
async def test_token_and_request_must_agree_on_the_nonce(
    in_token: str | None, in_request: str | None
) -> None:
    claims = CLAIMS if in_token is None else {**CLAIMS, "nonce": in_token}
    with pytest.raises(Unauthenticated):
        await SignIn(members=InMemoryMembers(MIRA))(claims, in_request)


async def test_an_agreed_nonce_passes() -> None:
    await SignIn(members=InMemoryMembers(MIRA))({**CLAIMS, "nonce": "a"}, "a")


@pytest.mark.parametrize("claims", [{"email": None}, {"sub": None}, {"sub": ""}, {"email": 7}])
async def test_a_token_without_an_account_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await SignIn(members=InMemoryMembers(MIRA))({**CLAIMS, **claims}, None)


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_unverified_address_is_refused(verified: Any) -> None:
    with pytest.raises(Forbidden, match="not verified"):
        await SignIn(members=InMemoryMembers(MIRA))({**CLAIMS, "email_verified": verified}, None)


@pytest.mark.parametrize("domain", [None, "other.com"])
async def test_a_hosted_domain_admits_only_its_accounts(domain: str | None) -> None:
    with pytest.raises(Forbidden, match=r"example\.com"):
        await SignIn(members=InMemoryMembers(MIRA), hosted_domain="example.com")(
            {**CLAIMS, "hd": domain}, None
        )
    await SignIn(members=InMemoryMembers(MIRA), hosted_domain="example.com")(
        {**CLAIMS, "hd": "example.com"}, None
    )


async def test_a_stranger_learns_whom_to_ask() -> None:
    with pytest.raises(Forbidden, match="Ask an administrator"):
        await SignIn(members=InMemoryMembers())(CLAIMS, None)


async def test_another_account_with_the_same_address_is_refused() -> None:
    members = InMemoryMembers(MIRA)
    await SignIn(members=members)(CLAIMS, None)
    with pytest.raises(Forbidden, match="Another account"):
        await SignIn(members=members)({**CLAIMS, "sub": "sub-2"}, None)
    await SignIn(members=members)(CLAIMS, None)
