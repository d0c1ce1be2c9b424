"""Acts are recorded before they are done, and then how they ended."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm.access.audit_events import AuditEvent, Outcome
from crm.access.usecases.record_event import recorded
from crm.kernel.errors import Conflict, Invalid, Unavailable

ACT = AuditEvent(
    event_id="a1",
    at=datetime(2026, 3, 1, tzinfo=UTC),
    by="mira@example.com",
    action="campaign.launch",
    subject="c1",
)


class Log:
    """Acts in memory; it can be away."""

    def __init__(self) -> None:
        self.acts: dict[str, AuditEvent] = {}
        self.away = False

    async def begin(self, act: AuditEvent) -> None:
        if self.away:
            raise Unavailable("away")
        self.acts[act.event_id] = act

    async def end(self, event_id: str, outcome: Outcome, reason: str) -> None:
        if self.away:
            raise Unavailable("away")
        self.acts[event_id] = replace(self.acts[event_id], outcome=outcome, reason=reason)


async def test_an_act_is_there_before_it_is_done() -> None:
    log = Log()
    async with recorded(log, ACT):
        assert log.acts["a1"].outcome == "unknown"
    assert log.acts["a1"] == replace(ACT, outcome="done")


async def test_nothing_is_done_that_cannot_be_recorded() -> None:
    log = Log()
    log.away = True
    done = False
    with pytest.raises(Unavailable):
        async with recorded(log, ACT):
            done = True
    assert not done


async def test_a_refusal_is_recorded_with_its_reason_and_passed_on() -> None:
    log = Log()
    with pytest.raises(Conflict):
        async with recorded(log, ACT):
            raise Conflict("The campaign is sending.")
    assert log.acts["a1"] == replace(ACT, outcome="refused", reason="The campaign is sending.")


async def test_what_was_wrong_with_an_input_is_not_quoted() -> None:
    log = Log()
    with pytest.raises(Invalid):
        async with recorded(log, ACT):
            raise Invalid.at("rows.1", "ana@example.com is no number")
    assert log.acts["a1"].reason == "The input breaks a rule."


@pytest.mark.parametrize("error", [Unavailable("away"), KeyboardInterrupt(), RuntimeError()])
async def test_nobody_claims_to_know_how_it_ended(error: BaseException) -> None:
    log = Log()
    with pytest.raises(type(error)):
        async with recorded(log, ACT):
            raise error
    assert log.acts["a1"].outcome == "unknown"


async def test_what_was_done_stays_done_when_its_end_cannot_be_recorded() -> None:
    log = Log()
    async with recorded(log, ACT):
        log.away = True
    assert log.acts["a1"].outcome == "unknown"
