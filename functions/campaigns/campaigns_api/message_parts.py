"""Messages in requests, and the customer for whom an unsent message is rendered."""

from asyncio import to_thread
from collections.abc import Collection
from dataclasses import replace
from typing import Annotated

from pydantic import ConfigDict, StringConstraints
from pydantic.config import JsonDict

from campaigns_api.services import AppServices
from crm.campaigns.campaign import Message
from crm.campaigns.message import MAX_SUBJECT_SOURCE, VARIABLES, labels_of_variables
from crm.campaigns.templates import MAX_SOURCE
from crm.customers.customer import Customer, Totals, merged
from crm.customers.customer_key import customer_key
from crm.customers.records import CustomerRecord
from crm.entry.bodies import Part
from crm.kernel.errors import Invalid

EXAMPLE: JsonDict = {
    "subject": "Something for you",
    "body": "Hi {{ customer.first_name | default: 'there' }}, here is 10% off.",
}


class MessagePart(Part):
    """Liquid templates over `customer`. Only e-mails need a subject."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    body: Annotated[str, StringConstraints(min_length=1, max_length=MAX_SOURCE)]
    subject: Annotated[str, StringConstraints(max_length=MAX_SUBJECT_SOURCE)] | None = None

    def as_message(self) -> Message:
        return Message(body=self.body, subject=self.subject)


async def shown_customer(key: str | None, services: AppServices) -> Customer:
    """The customer with this key; without one any customer, or a made-up one if there are none.

    Raises Invalid at "key".
    """
    if key is None:
        from crm.audience.usecases.search import search_customers  # it loads polars

        found = await to_thread(search_customers, await services.audience.snapshot(), "", None, 1)
        if not found:
            return example_customer(await services.field_names())
        key = customer_key(found[0]["customer_id"])
    customer = (await services.customers.with_keys([key])).get(key)
    if customer is None or customer.erased_at is not None:
        raise Invalid.at("key", "names no customer")
    return customer


def example_customer(fields: Collection[str]) -> Customer:
    """Somebody made up, who lacks nothing: the example of each field, and a text for each attribute in use.

    `fields` are the names in the field catalogue. The id is that of nobody, as a viewer follows its key.
    """
    attributes = {name: label for name, label in labels_of_variables(fields).items() if name not in VARIABLES}
    made_up = {name.removeprefix("attributes."): label for name, label in attributes.items()}
    return replace(
        _SOMEBODY,
        attributes={**made_up, **_SOMEBODY.attributes},
        totals=Totals(
            total_spend=2_499_000,
            order_count=3,
            first_order_at=_SOMEBODY.created_at,
            last_order_at=_SOMEBODY.last_active_at,
        ),
    )


_RECORD = CustomerRecord.model_validate(CustomerRecord.model_json_schema()["examples"][0])
_SOMEBODY = replace(merged(Customer(customer_id=_RECORD.customer_id), _RECORD), customer_id="example")
