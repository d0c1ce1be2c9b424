"""A refused call is one audit event per member, route and day, however often it is made."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import Request

from crm.access.audit_events import AuditEvent
from crm.access.members import Session, SignedIn
from crm.access.refused_members import MAX_REMEMBERED, RefusedMembers
from crm.access.session_auth import RoleTooLow
from crm.kernel.errors import Unavailable

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROUTE = "DELETE /api/v1/customers/{key}"
REQUEST = Request(
    {"type": "http", "method": "DELETE", "path": "/", "headers": [], "client": ("203.0.113.7", 1)}
)


@dataclass
class Memory:
    """The audit log, and the time."""

    now: datetime = NOW
    events: list[AuditEvent] = field(default_factory=list)
    is_away: bool = False

    async def begin(self, event: AuditEvent) -> None:
        if self.is_away:
            raise Unavailable("away")
        self.events.append(event)


def refused(email: str = "mira@example.com") -> RoleTooLow:
    session = Session(id="s1", email=email, name="Mira", subject="sub-1", version="v1")
    return RoleTooLow(SignedIn(session=session, role="marketer"), "admin")


def recorder(memory: Memory) -> RefusedMembers:
    return RefusedMembers(lambda: memory, 0, lambda: memory.now)


async def test_it_says_who_called_what_and_why_it_was_refused() -> None:
    memory = Memory()
    await recorder(memory)(REQUEST, ROUTE, refused())
    (event,) = memory.events
    assert (event.by, event.action, event.subject, event.outcome) == (
        "mira@example.com",
        "access.refuse",
        ROUTE,
        "refused",
    )
    assert event.reason == "This needs the role admin; yours is marketer. Ask an administrator."
    assert event.at == NOW


async def test_a_flood_writes_once_for_each_member_route_and_day() -> None:
    memory = Memory()
    record = recorder(memory)
    for _ in range(50):
        await record(REQUEST, ROUTE, refused())
    await record(REQUEST, "POST /api/v1/campaigns", refused())
    await record(REQUEST, ROUTE, refused("other@example.com"))
    memory.now += timedelta(days=1)
    await record(REQUEST, ROUTE, refused())
    assert len(memory.events) == 4 == len({event.event_id for event in memory.events})


async def test_another_instance_names_the_event_alike() -> None:
    memory = Memory()
    for _ in range(2):
        await recorder(memory)(REQUEST, ROUTE, refused())
    first, second = memory.events
    assert first.event_id == second.event_id


async def test_what_could_not_be_recorded_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory(is_away=True)
    record = recorder(memory)
    await record(REQUEST, ROUTE, refused())
    assert "not recorded" in caplog.text
    memory.is_away = False
    await record(REQUEST, ROUTE, refused())
    assert len(memory.events) == 1


async def test_what_an_instance_remembers_is_bounded() -> None:
    memory = Memory()
    record = recorder(memory)
    for number in range(MAX_REMEMBERED + 1):
        await record(REQUEST, f"GET /{number}", refused())
    await record(REQUEST, "GET /0", refused())
    assert len(memory.events) == MAX_REMEMBERED + 2
