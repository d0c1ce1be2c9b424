"""Actions are logged before they run, and then with their outcome."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm.access.audit_events import AuditEvent, Outcome
from crm.access.usecases.record_event import RecordEvent
from crm.kernel.errors import Conflict, Invalid, Unavailable

EVENT = AuditEvent(
    event_id="a1",
    at=datetime(2026, 3, 1, tzinfo=UTC),
    by="mira@example.com",
    action="campaign.launch",
    subject="c1",
)


class Log:
    """Stores events in memory; can be unavailable."""

    def __init__(self) -> None:
        self.events: dict[str, AuditEvent] = {}
        self.away = False

    async def begin(self, event: AuditEvent) -> None:
        if self.away:
            raise Unavailable("away")
        self.events[event.event_id] = event

    async def end(self, event_id: str, outcome: Outcome, reason: str) -> None:
        if self.away:
            raise Unavailable("away")
        self.events[event_id] = replace(self.events[event_id], outcome=outcome, reason=reason)


async def test_an_event_is_logged_before_the_action_runs() -> None:
    log = Log()
    async with RecordEvent(log=log)(EVENT):
        assert log.events["a1"].outcome == "unknown"
    assert log.events["a1"] == replace(EVENT, outcome="done")


async def test_an_action_that_cannot_be_logged_does_not_run() -> None:
    log = Log()
    log.away = True
    done = False
    with pytest.raises(Unavailable):
        async with RecordEvent(log=log)(EVENT):
            done = True
    assert not done


async def test_a_refusal_is_logged_with_its_reason_and_raised() -> None:
    log = Log()
    with pytest.raises(Conflict):
        async with RecordEvent(log=log)(EVENT):
            raise Conflict("The campaign is sending.")
    assert log.events["a1"] == replace(EVENT, outcome="refused", reason="The campaign is sending.")


async def test_a_validation_error_is_not_quoted() -> None:
    log = Log()
    with pytest.raises(Invalid):
        async with RecordEvent(log=log)(EVENT):
            raise Invalid.at("rows.1", "ana@example.com is no number")
    assert log.events["a1"].reason == "The input breaks a rule."


@pytest.mark.parametrize("error", [Unavailable("away"), KeyboardInterrupt(), RuntimeError()])
async def test_the_outcome_stays_unknown_after_an_unexpected_error(error: BaseException) -> None:
    log = Log()
    with pytest.raises(type(error)):
        async with RecordEvent(log=log)(EVENT):
            raise error
    assert log.events["a1"].outcome == "unknown"


async def test_an_action_succeeds_although_its_outcome_cannot_be_logged() -> None:
    log = Log()
    async with RecordEvent(log=log)(EVENT):
        log.away = True
    assert log.events["a1"].outcome == "unknown"
