"""The audit log: for administrators."""

from datetime import datetime
from typing import Annotated

from fastapi import Query

from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import Limit, Services
from crm.access.audit_events import Action, Outcome
from crm.entry.routing import Router
from crm.platform.clock import now

router = Router(prefix="/audit", tags=["audit"])

EventId = Annotated[str, Query(pattern="^[0-9a-f]{32}$")]


class AuditEventResponse(ResponseModel):
    """Who did what to which object, and the outcome. Stored for 400 days.

    `subject` is an id; of a member the address; of a customer the key, and `customer_id` the id, where they
    exist. Outcome `unknown`: the action began, and its outcome was
    never recorded. `reason` says why it was refused.
    """

    id: str
    at: datetime
    by: str
    action: Action
    subject: str
    customer_id: str | None
    detail: str
    outcome: Outcome
    reason: str


@router.get("")
async def events(
    services: Services, limit: Limit = 50, cursor: EventId | None = None
) -> Page[AuditEventResponse]:
    """Audit events, newest first."""
    found, next_cursor = await services.audit_log.newest(now(), limit, cursor)
    people = await services.customers.named({event.subject for event in found if event.is_about_customer})
    data = [
        AuditEventResponse(
            id=event.event_id,
            at=event.at,
            by=event.by,
            action=event.action,
            subject=event.subject,
            customer_id=people[event.subject].customer_id if event.subject in people else None,
            detail=event.detail,
            outcome=event.outcome,
            reason=event.reason,
        )
        for event in found
    ]
    return Page(data=data, next_cursor=next_cursor)
