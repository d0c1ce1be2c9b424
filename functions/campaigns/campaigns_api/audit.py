"""The audit log: for administrators."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import SIGNED_IN, Admin, Limit, Services
from crm.access.audit_events import Action, Outcome
from crm.platform.clock import now

router = APIRouter(prefix="/audit", tags=["audit"], dependencies=[SIGNED_IN])

ActId = Annotated[str, Query(pattern="^[0-9a-f]{32}$")]


class ActResponse(ResponseModel):
    """Who did what to what, and how it ended. `subject` is an id, of a member the address; kept for 400 days.

    `unknown`: it was begun, and nobody was left to say how it ended. `reason` says why it was refused.
    """

    id: str
    at: datetime
    by: str
    action: Action
    subject: str
    detail: str
    outcome: Outcome
    reason: str


@router.get("")
async def acts(
    services: Services, _: Admin, limit: Limit = 50, cursor: ActId | None = None
) -> Page[ActResponse]:
    """What people did, newest first."""
    found, next_cursor = await services.audit_log.newest(now(), limit, cursor)
    data = [
        ActResponse(
            id=act.event_id,
            at=act.at,
            by=act.by,
            action=act.action,
            subject=act.subject,
            detail=act.detail,
            outcome=act.outcome,
            reason=act.reason,
        )
        for act in found
    ]
    return Page(data=data, next_cursor=next_cursor)
