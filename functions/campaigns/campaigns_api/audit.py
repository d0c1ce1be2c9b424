"""The audit log: for administrators, in pages or as a file."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import AppServices, Caller, Limit, Services
from crm.access.audit_events import Action, AuditEvent, AuditFilter, Outcome
from crm.customers.values import Instant
from crm.entry.csv_files import csv_file, lines
from crm.entry.routing import Router
from crm.kernel.errors import Invalid
from crm.platform.clock import now

router = Router(prefix="/audit", tags=["audit"])

CSV_PAGE = 500
"""Events of one read for a CSV file."""

EventId = Annotated[str, Query(pattern="^[0-9a-f]{32}$")]
ActorId = Annotated[str, Query(pattern="^([0-9a-f]{64}|[a-z_ ]{1,40})$")]


class FieldChangeResponse(ResponseModel):
    """A field before and after the action; null where it had no value. Long texts are cut to where they
    begin to differ."""

    field: str
    before: str | None
    after: str | None


class AuditEventResponse(ResponseModel):
    """Who did what to which object, from where, what it changed, and the outcome.

    Stored for 400 days, or as the installation chose. `by` is an address, or what the CRM or an operator
    did without one; `actor_id` filters by it. `network` is the network of the caller's address, `agent` the
    family of their browser: both are empty where the CRM acted by itself. `subject` is an id; of a member
    the address; of a customer the key, and `customer_id` the id, where they exist. Outcome `unknown`: the
    action began, and its outcome was never recorded. `reason` says why it was refused.
    """

    id: str
    at: datetime
    by: str
    actor_id: str
    network: str
    agent: str
    action: Action
    subject: str
    customer_id: str | None
    detail: str
    changes: list[FieldChangeResponse]
    outcome: Outcome
    reason: str


COLUMNS = (
    *("id", "at", "by", "network", "agent", "action", "subject", "detail"),
    *("before", "after", "outcome", "reason"),
)
"""The columns of the file. It names customers by key only: files outlive an erasure."""


def _filter(
    action: Action | None = None,
    actor: ActorId | None = None,
    since: Instant | None = None,
    until: Instant | None = None,
) -> AuditFilter:
    """`actor` is an `actor_id`, so no address is in a request's path; `since` is included, `until` is not."""
    if since is not None and until is not None and until <= since:
        raise Invalid.at("until", "is not after since")
    return AuditFilter(action=action, actor_id=actor, since=since, until=until)


Wanted = Annotated[AuditFilter, Depends(_filter)]


@router.get("")
async def events(
    services: Services, wanted: Wanted, limit: Limit = 50, cursor: EventId | None = None
) -> Page[AuditEventResponse]:
    """Audit events, newest first."""
    found, next_cursor = await services.audit_log.newest(now(), limit, cursor, wanted)
    people = await services.customers.named({event.subject for event in found if event.is_about_customer})
    data = [
        AuditEventResponse(
            id=event.event_id,
            at=event.at,
            by=event.by,
            actor_id=event.actor_id,
            network=event.origin.network,
            agent=event.origin.agent,
            action=event.action,
            subject=event.subject,
            customer_id=people[event.subject].customer_id if event.subject in people else None,
            detail=event.detail,
            changes=[FieldChangeResponse.model_validate(each) for each in event.changes],
            outcome=event.outcome,
            reason=event.reason,
        )
        for event in found
    ]
    return Page(data=data, next_cursor=next_cursor)


@router.get(".csv", response_class=StreamingResponse)
async def as_csv(services: Services, person: Caller, wanted: Wanted) -> StreamingResponse:
    """The events as CSV, newest first. Cells that a spreadsheet would run begin with an apostrophe."""
    # The first are read before the answer begins, so that an unavailable database still answers 503. The
    # export itself is logged before, and so is in the file.
    async with services.audited(person, "audit.export"):
        first = await services.audit_log.newest(now(), CSV_PAGE, None, wanted)
    return csv_file(_csv(services, wanted, *first), "audit-log")


async def _csv(
    services: AppServices, wanted: AuditFilter, found: Sequence[AuditEvent], cursor: str | None
) -> AsyncIterator[str]:
    yield lines([COLUMNS])
    while True:
        yield lines([_cells(event) for event in found])
        if cursor is None:
            return
        found, cursor = await services.audit_log.newest(now(), CSV_PAGE, cursor, wanted)


def _cells(event: AuditEvent) -> tuple[str | datetime, ...]:
    return (
        *(event.event_id, event.at, event.by, event.origin.network, event.origin.agent),
        *(event.action, event.subject, event.detail),
        "\n".join(f"{each.field}: {each.before}" for each in event.changes if each.before is not None),
        "\n".join(f"{each.field}: {each.after}" for each in event.changes if each.after is not None),
        *(event.outcome, event.reason),
    )
