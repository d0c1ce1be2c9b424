"""The do-not-send list: who is put on it, or taken off, by hand."""

from collections.abc import Mapping
from functools import partial

from fastapi import APIRouter
from pydantic import ConfigDict

from campaigns_api.customers import CustomerId, existing
from campaigns_api.responses import ResponseModel
from campaigns_api.services import SIGNED_IN, Marketer, Services
from crm.access.audit_events import Action
from crm.customers.do_not_send import allowed, suppressed
from crm.customers.usecases.suppress import change_suppressions
from crm.customers.values import Channel
from crm.entry.bodies import RequestModel
from crm.kernel.ids import document_id
from crm.platform.jitter import pause

router = APIRouter(prefix="/customers", tags=["customers"], dependencies=[SIGNED_IN])


class SuppressionRequest(RequestModel):
    """A channel, and whether nothing may be sent on it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"channel": "email", "suppressed": True}]})

    channel: Channel
    suppressed: bool


class SuppressionsResponse(ResponseModel):
    """The channels on which nothing is sent to the customer, and why."""

    suppressions: Mapping[Channel, str]


@router.put("/{customer_id:path}/suppressions")
async def suppress(
    customer_id: CustomerId, body: SuppressionRequest, services: Services, person: Marketer
) -> SuppressionsResponse:
    """Put a channel of a customer on the do-not-send list, or take it off.

    What the vendor has taken already is not called back.
    """
    await existing(customer_id, services)
    action: Action = "customer.suppress" if body.suppressed else "customer.allow"
    if body.suppressed:
        change = partial(suppressed, channel=body.channel, cause="by_hand")
    else:
        change = partial(allowed, channel=body.channel)
    async with services.audited(person.email, action, customer_id, body.channel):
        left = await change_suppressions(services.books, document_id(customer_id), change, pause)
    return SuppressionsResponse(suppressions=left.suppressions)
