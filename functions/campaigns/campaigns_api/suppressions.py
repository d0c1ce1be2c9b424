"""The do-not-send list, as changed by members."""

from collections.abc import Mapping

from pydantic import ConfigDict

from campaigns_api.customers import CustomerId, existing
from campaigns_api.responses import ResponseModel
from campaigns_api.services import Caller, Services
from crm.access.audit_events import Action
from crm.customers.customer_key import customer_key
from crm.customers.do_not_send import Cause
from crm.customers.values import Channel
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router

router = Router(prefix="/customers", tags=["customers"])


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
    customer_id: CustomerId, body: SuppressionRequest, services: Services, person: Caller
) -> SuppressionsResponse:
    """Put a channel of a customer on the do-not-send list, or take it off.

    Messages that the vendor has accepted already are not called back.
    """
    customer = await existing(customer_id, services)
    action: Action = "customer.suppress" if body.suppressed else "customer.allow"
    cause: Cause | None = "by_hand" if body.suppressed else None
    key = customer_key(customer_id)
    before = {body.channel: customer.suppressions.get(body.channel)}
    async with services.audited(
        person, action, key, body.channel, before=before, after={body.channel: cause}
    ):
        changed = await services.change_suppression(key, body.channel, cause)
    return SuppressionsResponse(suppressions=changed.suppressions)
