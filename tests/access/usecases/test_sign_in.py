"""Which accounts may sign in with a genuine token, and once with each."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.access.members import Member, SignedIn
from crm.access.refused_sign_ins import RefusedSignIn
from crm.access.usecases.sign_in import SignIn
from crm.kernel.errors import Unauthenticated

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CLAIMS: dict[str, Any] = {
    "sub": "sub-1",
    "email": "Mira@Example.com",
    "email_verified": True,
    "name": "Mira Shah",
    "nonce": "nonce 1",
}
MIRA = Member(email="mira@example.com", role="marketer", version="v1")


class InMemoryMembers:
    """Members in memory."""

    def __init__(self, *members: Member) -> None:
        self.members = {member.email: member for member in members}

    async def find(self, email: str) -> Member | None:
        return self.members.get(email)

    async def bind(self, member: Member, subject: str) -> Member:
        bound = replace(member, subject=subject, version=member.version or "made")
        self.members[member.email] = bound
        return bound


class InMemoryNonces:
    """Recognises "nonce …", and knows which were used."""

    def __init__(self) -> None:
        self.used: dict[str, str] = {}

    def verify(self, nonce: object) -> str:
        if not str(nonce).startswith("nonce "):
            raise Unauthenticated("not ours")
        return str(nonce)

    async def use(self, nonce_id: str, session_id: str, now: datetime) -> None:
        if self.used.setdefault(nonce_id, session_id) != session_id:
            raise Unauthenticated("used")


class Entrance:
    """Signs in with members and nonces of its own."""

    def __init__(self, *members: Member, hosted_domain: str = "") -> None:
        self.members = InMemoryMembers(*members)
        self.nonces = InMemoryNonces()
        self.sign_in = SignIn(
            members=self.members, nonces=self.nonces, used_nonces=self.nonces, hosted_domain=hosted_domain
        )

    async def __call__(self, session_id: str = "s1", **claims: Any) -> SignedIn:
        return await self.sign_in({**CLAIMS, **claims}, session_id, NOW)

    async def refuses(self, **claims: Any) -> RefusedSignIn:
        """Refuses these claims, and stores nothing."""
        with pytest.raises(RefusedSignIn) as raised:
            await self(**claims)
        assert self.nonces.used == {}
        return raised.value


async def test_a_member_signs_in_whatever_the_case_of_the_address() -> None:
    person = await Entrance(MIRA)()
    assert (person.email, person.name, person.role) == ("mira@example.com", "Mira Shah", "marketer")
    assert (person.session.id, person.session.subject, person.session.version) == ("s1", "sub-1", "v1")


async def test_a_member_whom_an_operator_wrote_gets_a_version() -> None:
    for subject in (None, "sub-1"):
        person = await Entrance(replace(MIRA, subject=subject, version=""))()
        assert person.session.version == "made"


@pytest.mark.parametrize("name", [None, "", 7, "\u200b\u202e"])
async def test_a_token_without_a_name_shows_the_address(name: Any) -> None:
    assert (await Entrance(MIRA)(name=name)).name == "mira@example.com"


@pytest.mark.parametrize("nonce", ["theirs", None, 7])
async def test_a_nonce_of_somebody_else_is_refused(nonce: Any) -> None:
    with pytest.raises(Unauthenticated):
        await Entrance(MIRA)(nonce=nonce)


async def test_a_token_signs_in_once() -> None:
    entrance = Entrance(MIRA)
    await entrance("s1")
    with pytest.raises(Unauthenticated):
        await entrance("s2")
    assert (await entrance("s2", nonce="nonce 2")).session.id == "s2"


@pytest.mark.parametrize("claims", [{"email": None}, {"sub": None}, {"sub": ""}, {"email": 7}])
async def test_a_token_without_an_account_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await Entrance(MIRA)(**claims)


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_unverified_address_is_refused(verified: Any) -> None:
    refused = await Entrance(MIRA).refuses(email_verified=verified)
    assert (refused.reason, refused.is_member) == ("unverified", False)


@pytest.mark.parametrize("domain", [None, "other.com"])
async def test_a_hosted_domain_admits_only_its_accounts(domain: str | None) -> None:
    entrance = Entrance(MIRA, hosted_domain="example.com")
    assert (await entrance.refuses(hd=domain)).reason == "domain"
    await entrance(hd="example.com")


async def test_a_stranger_learns_whom_to_ask() -> None:
    refused = await Entrance().refuses()
    assert "Ask an administrator" in str(refused)
    assert (refused.reason, refused.email, refused.is_member) == ("not_a_member", "mira@example.com", False)


@pytest.mark.parametrize("email", ["m\u0131ra@example.com", "\uff4dira@example.com", "mira@example.com\n"])
async def test_an_address_that_looks_like_a_members_is_refused(email: str) -> None:
    assert (await Entrance(MIRA).refuses(email=email)).reason == "address"


async def test_another_account_with_the_same_address_is_refused() -> None:
    refused = await Entrance(replace(MIRA, subject="sub-1")).refuses(sub="sub-2")
    assert (refused.reason, refused.is_member) == ("another_account", True)
