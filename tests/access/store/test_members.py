"""Members, on the real emulator."""

import asyncio
from datetime import UTC, datetime

import pytest

from crm.access.members import Member
from crm.access.store.members import COLLECTION, Members, document_name
from crm.kernel.errors import Conflict
from crm.platform.firestore.client import client

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MIRA = Member(email="mira@example.com", role="marketer", added_by="owner@example.com", added_at=NOW)


@pytest.fixture
def members(project: str) -> Members:
    return Members(client(project))


async def test_a_member_is_found_whatever_the_case_of_the_address(members: Members) -> None:
    await members.add(Member(email=" Mira@Example.COM", role="viewer"))
    found = await members.find_cached("MIRA@example.com")
    assert found is not None
    assert (found.email, found.role) == ("mira@example.com", "viewer")
    assert await members.find_cached("ana@example.com") is None


async def test_an_operator_may_write_email_and_role_alone(members: Members, project: str) -> None:
    document = client(project).collection(COLLECTION).document(document_name("ana@example.com"))
    await document.set({"email": "Ana@example.com", "role": "admin"})
    assert await members.find_cached("ana@example.com") == Member(email="ana@example.com", role="admin")


async def test_the_same_address_is_added_once(members: Members) -> None:
    await members.add(MIRA)
    with pytest.raises(Conflict):
        await members.add(Member(email="MIRA@example.com", role="admin"))
    assert await members.find("mira@example.com") == MIRA


async def test_a_removal_elsewhere_applies_once_the_cache_expires(project: str) -> None:
    here, elsewhere = Members(client(project)), Members(client(project))
    await here.add(MIRA)
    assert await elsewhere.find_cached(MIRA.email) == MIRA
    await here.remove(MIRA.email)
    assert await here.find_cached(MIRA.email) is None
    assert await elsewhere.find_cached(MIRA.email) == MIRA
    assert await Members(client(project), cache_seconds=0).find_cached(MIRA.email) is None
    assert await elsewhere.find(MIRA.email) is None
    assert await elsewhere.find_cached(MIRA.email) is None


async def test_the_last_administrator_stays(members: Members) -> None:
    await members.add(Member(email="owner@example.com", role="admin"))
    await members.add(MIRA)
    with pytest.raises(Conflict, match="last administrator"):
        await members.remove("Owner@example.com")
    await members.remove(MIRA.email)
    assert [member.email for member in await members.all()] == ["owner@example.com"]


async def test_two_administrators_cannot_remove_each_other(members: Members) -> None:
    await members.add(Member(email="a@example.com", role="admin"))
    await members.add(Member(email="b@example.com", role="admin"))
    await asyncio.gather(
        members.remove("a@example.com"), members.remove("b@example.com"), return_exceptions=True
    )
    assert len(await members.all()) == 1


async def test_removing_an_unknown_address_does_nothing(members: Members) -> None:
    await members.remove("nobody@example.com")


async def test_only_the_first_account_is_bound(members: Members) -> None:
    await members.add(MIRA)
    bound = await members.bind(MIRA, "sub-1")
    assert bound.subject == "sub-1"
    assert await members.find(MIRA.email) == bound
    await members.bind(MIRA, "sub-1")
    with pytest.raises(Conflict):
        await members.bind(MIRA, "sub-2")
    await members.remove(MIRA.email)
    with pytest.raises(Conflict):
        await members.bind(MIRA, "sub-1")


async def test_concurrent_first_sign_ins_of_one_account_all_succeed(members: Members) -> None:
    await members.add(MIRA)
    bound = await asyncio.gather(*(members.bind(MIRA, "sub-1") for _ in range(3)))
    assert {member.subject for member in bound} == {"sub-1"}
