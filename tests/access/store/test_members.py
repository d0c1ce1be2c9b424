"""Members, on the real emulator."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crm.access.members import Member, Session, member_id
from crm.access.sessions import LIFETIME
from crm.access.store.members import CACHE_SECONDS, COLLECTION, MAX_ENDED_SESSIONS, Members
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
    document = client(project).collection(COLLECTION).document(member_id("ana@example.com"))
    await document.set({"email": "Ana@example.com", "role": "admin"})
    assert await members.find_cached("ana@example.com") == Member(email="ana@example.com", role="admin")


async def test_the_same_address_is_added_once(members: Members) -> None:
    mira = await members.add(MIRA)
    with pytest.raises(Conflict):
        await members.add(Member(email="MIRA@example.com", role="admin"))
    assert await members.find("mira@example.com") == mira == replace(MIRA, version=mira.version)


async def test_a_removal_elsewhere_applies_once_the_cache_expires(project: str) -> None:
    passed = 0.0
    here, elsewhere = Members(client(project)), Members(client(project), lambda: passed)
    mira = await here.add(MIRA)
    assert await elsewhere.find_cached(MIRA.email) == mira
    await here.remove(mira.id)
    assert await here.find_cached(MIRA.email) is None
    assert await elsewhere.find_cached(MIRA.email) == mira
    passed = CACHE_SECONDS
    assert await elsewhere.find_cached(MIRA.email) is None


async def test_the_last_administrator_stays(members: Members) -> None:
    await members.add(Member(email="owner@example.com", role="admin"))
    await members.add(MIRA)
    with pytest.raises(Conflict, match="last administrator"):
        await members.remove(member_id("Owner@example.com"))
    await members.remove(member_id(MIRA.email))
    assert [member.email for member in await members.all()] == ["owner@example.com"]


async def test_two_administrators_cannot_remove_each_other(members: Members) -> None:
    await members.add(Member(email="a@example.com", role="admin"))
    await members.add(Member(email="b@example.com", role="admin"))
    await asyncio.gather(
        members.remove(member_id("a@example.com")),
        members.remove(member_id("b@example.com")),
        return_exceptions=True,
    )
    assert len(await members.all()) == 1


async def test_removing_an_unknown_address_does_nothing(members: Members) -> None:
    await members.remove(member_id("nobody@example.com"))


async def test_only_the_first_account_is_bound(members: Members) -> None:
    mira = await members.add(MIRA)
    bound = await members.bind(mira, "sub-1")
    assert bound == replace(mira, subject="sub-1") == await members.find(MIRA.email)
    assert await members.bind(mira, "sub-1") == bound
    with pytest.raises(Conflict):
        await members.bind(mira, "sub-2")
    await members.remove(mira.id)
    with pytest.raises(Conflict):
        await members.bind(mira, "sub-1")


async def test_binding_gives_a_version_to_a_member_without_one(members: Members, project: str) -> None:
    document = client(project).collection(COLLECTION).document(MIRA.id)
    await document.set({"email": MIRA.email, "role": "viewer", "subject": "sub-1"})
    bound = await members.bind(MIRA, "sub-1")
    assert bound.version
    assert await members.bind(MIRA, "sub-1") == bound


async def test_concurrent_first_sign_ins_of_one_account_all_succeed(members: Members) -> None:
    mira = await members.add(MIRA)
    bound = await asyncio.gather(*(members.bind(mira, "sub-1") for _ in range(3)))
    assert {(member.subject, member.version) for member in bound} == {("sub-1", mira.version)}


async def begun(members: Members) -> Session:
    """A session of Mira, who is added unless she is a member."""
    mira = await members.find(MIRA.email) or await members.add(MIRA)
    mira = await members.bind(mira, "sub-1")
    return Session(id="s1", email=mira.email, name="Mira", subject="sub-1", version=mira.version)


async def holds(members: Members, session: Session) -> bool:
    member = await members.find(session.email)
    return member is not None and member.holds(session)


async def test_a_role_ends_sessions_when_it_changes_and_only_then(members: Members) -> None:
    session = await begun(members)
    await members.change_role(MIRA.id, "marketer")
    assert await holds(members, session)
    changed = await members.change_role(MIRA.id, "viewer")
    assert (changed.role, changed.subject) == ("viewer", "sub-1")
    assert not await holds(members, session)


async def test_a_session_is_ended_alone_and_again_without_a_write(members: Members, project: str) -> None:
    session = await begun(members)
    other = replace(session, id="s2")
    await members.end_session(session, NOW)
    assert (await holds(members, session), await holds(members, other)) == (False, True)
    document = client(project).collection(COLLECTION).document(MIRA.id)
    before = (await document.get()).update_time
    await members.end_session(session, NOW)
    await members.end_session(replace(other, version="old"), NOW)
    assert (await document.get()).update_time == before
    await members.end_session(other, NOW, everywhere=True)
    assert not await holds(members, replace(session, id="s3"))


async def test_concurrent_sign_outs_all_count(members: Members) -> None:
    sessions = [replace(await begun(members), id=f"s{number}") for number in range(3)]
    await asyncio.gather(*(members.end_session(session, NOW) for session in sessions))
    assert [await holds(members, session) for session in sessions] == [False] * 3


async def test_ended_sessions_are_forgotten_when_their_cookies_have_expired(members: Members) -> None:
    session = await begun(members)
    await members.end_session(session, NOW)
    await members.end_session(replace(session, id="s2"), NOW + LIFETIME)
    found = await members.find(MIRA.email)
    assert found is not None
    assert found.ended_sessions == {"s2": NOW + 2 * LIFETIME}


async def test_too_many_ended_sessions_end_all(members: Members, project: str) -> None:
    session = await begun(members)
    full = {f"x{number}": NOW + timedelta(hours=1) for number in range(MAX_ENDED_SESSIONS)}
    await client(project).collection(COLLECTION).document(MIRA.id).update({"ended_sessions": full})
    await members.end_session(session, NOW)
    found = await members.find(MIRA.email)
    assert found is not None
    assert found.ended_sessions == {}
    assert not found.holds(session)
    assert not found.holds(replace(session, id="x1"))
