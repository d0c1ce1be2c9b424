"""A message as it will be sent, before it is."""

from fastapi import APIRouter
from pydantic import ConfigDict

from campaigns_api.message_parts import EXAMPLE, MessagePart, shown_customer
from campaigns_api.services import SIGNED_IN, Here, Viewer
from campaigns_api.shapes import Shape
from crm.domain.messages import check, render, warnings
from crm.domain.records import Identifier
from crm.entry.bodies import Body

router = APIRouter(prefix="/messages", tags=["messages"], dependencies=[SIGNED_IN])


class PreviewRequest(Body):
    """A message, and the customer to show it for; any, when left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message": EXAMPLE, "customer_id": "C-1001"}]})

    message: MessagePart
    customer_id: Identifier | None = None


class RenderedShape(Shape):
    """The texts for that customer, and what the customer lacks although the message shows it."""

    customer_id: str
    subject: str | None
    body: str
    warnings: list[str]


@router.post("/preview")
async def preview(body: PreviewRequest, here: Here, _: Viewer) -> RenderedShape:
    """Render a message for one customer. Nothing is sent."""
    message = body.message.as_message()
    check(message, await here.field_names())
    customer = await shown_customer(body.customer_id, here)
    rendered = render(message, customer)
    return RenderedShape(
        customer_id=customer.customer_id,
        subject=rendered.subject,
        body=rendered.body,
        warnings=warnings(message, customer),
    )
