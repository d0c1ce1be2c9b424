"""Previews of a message, rendered for chosen customers."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Request
from pydantic import ConfigDict, Field

from campaigns_api.ids import EXAMPLE_KEY, Key
from campaigns_api.message_parts import EXAMPLE, MessagePart, example_customer, shown_customer
from campaigns_api.people import Keyed
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import Caller, Services
from crm.campaigns.campaign import Message
from crm.campaigns.message import budget_for, check, labels_of_variables, render, warnings
from crm.customers.customer import Customer
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router

router = Router(prefix="/messages", tags=["messages"])

MAX_PREVIEWS = 20
"""Customers of one call."""


class MessagePreviewRequest(RequestModel):
    """A message, and the customer to render it for; any customer if left out. A viewer's is rendered for
    somebody made up, also with a key."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message": EXAMPLE, "key": EXAMPLE_KEY}]})

    message: MessagePart
    key: Key | None = None


class MessagePreviewsRequest(RequestModel):
    """A message, and the customers to render it for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message": EXAMPLE, "keys": [EXAMPLE_KEY]}]})

    message: MessagePart
    keys: Annotated[list[Key], Field(min_length=1, max_length=MAX_PREVIEWS)]


class RenderedMessageResponse(Keyed):
    """The texts for one customer. `warnings` name values that the message shows and the customer lacks."""

    subject: str | None
    body: str
    warnings: list[str]


class VariableResponse(ResponseModel):
    """A field of the customer, as templates name it below `customer.`."""

    name: str = Field(examples=["first_name"])
    label: str = Field(examples=["First name"])


@router.get("/variables")
async def variables(services: Services) -> Page[VariableResponse]:
    """What a message can show of a customer: the fields of every customer, and the attributes in use."""
    return Page(
        data=[
            VariableResponse(name=name, label=label)
            for name, label in labels_of_variables(await services.field_names()).items()
        ]
    )


@router.post("/preview")
async def preview(
    body: MessagePreviewRequest, request: Request, services: Services, person: Caller
) -> RenderedMessageResponse:
    """Render a message for one customer, or for a viewer as it would be for somebody made up. Nothing is
    sent."""
    message, fields = body.message.as_message(), await services.field_names()
    run = services.evaluations.run
    await run(request, person.email, lambda: check(message, fields))
    if person.role == "viewer":
        customer = example_customer(fields)
    else:
        customer = await shown_customer(body.key, services)
    (rendered,) = await run(
        request, person.email, lambda: _rendered(message, [customer], services.example_link)
    )
    return rendered


@router.post("/previews")
async def previews(
    body: MessagePreviewsRequest,
    request: Request,
    services: Services,
    person: Caller,
) -> Page[RenderedMessageResponse]:
    """Render a message for several customers, in their order; those that do not exist are left out."""
    message, fields = body.message.as_message(), await services.field_names()
    run = services.evaluations.run
    await run(request, person.email, lambda: check(message, fields))
    found = await services.customers.with_keys(list(dict.fromkeys(body.keys)))
    existing = [found[key] for key in body.keys if key in found and found[key].erased_at is None]
    return Page(
        data=await run(request, person.email, lambda: _rendered(message, existing, services.example_link))
    )


def _rendered(message: Message, customers: Sequence[Customer], link: str) -> list[RenderedMessageResponse]:
    """The message for each of the customers. Raises Invalid for the first that cannot be rendered."""
    budget = budget_for(len(customers))
    return [
        RenderedMessageResponse(
            customer_id=customer.customer_id,
            subject=rendered.subject,
            body=rendered.body,
            warnings=warnings(message, customer),
        )
        for customer in customers
        for rendered in (render(message, customer, link, budget),)
    ]
