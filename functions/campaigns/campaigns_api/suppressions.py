"""The do-not-send list, as changed by members."""

from collections.abc import Mapping

from pydantic import ConfigDict

from campaigns_api.customers import existing, known_channels
from campaigns_api.ids import CustomerKey
from campaigns_api.responses import ResponseModel
from campaigns_api.services import Caller, Services
from crm.access.audit_events import Action
from crm.access.field_changes import Value
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


@router.put("/{key}/suppressions")
async def suppress(
    key: CustomerKey, body: SuppressionRequest, services: Services, person: Caller
) -> SuppressionsResponse:
    """Put a channel of a customer on the do-not-send list, or take it off.

    Messages that the vendor has accepted already are not called back.
    """
    customer = await existing(key, services)
    action: Action = "customer.suppress" if body.suppressed else "customer.allow"
    cause: Cause | None = "by_hand" if body.suppressed else None
    before: dict[str, Value] = {body.channel: customer.suppressions.get(body.channel)}
    after: dict[str, Value] = {body.channel: cause}
    async with services.audited(person, action, key, body.channel, before=before, after=after):
        changed = await services.change_suppression(key, body.channel, cause)
    return SuppressionsResponse(suppressions=known_channels(changed.suppressions))
