"""Messages in requests, and the customer for whom an unsent message is rendered."""

from asyncio import to_thread
from typing import Annotated

from pydantic import ConfigDict, StringConstraints
from pydantic.config import JsonDict

from campaigns_api.services import AppServices
from crm.campaigns.campaign import Message
from crm.campaigns.message import MAX_SUBJECT_SOURCE
from crm.campaigns.templates import MAX_SOURCE
from crm.customers.customer import Customer, merged
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
    """The customer with this key; without one any customer, or an example if there are none.

    Raises Invalid at "key".
    """
    if key is None:
        from crm.audience.usecases.search import search_customers  # it loads polars

        found = await to_thread(search_customers, await services.audience.snapshot(), "", None, 1)
        if not found:
            return _EXAMPLE_CUSTOMER
        key = customer_key(found[0]["customer_id"])
    customer = (await services.customers.with_keys([key])).get(key)
    if customer is None or customer.erased_at is not None:
        raise Invalid.at("key", "names no customer")
    return customer


_RECORD = CustomerRecord.model_validate(CustomerRecord.model_json_schema()["examples"][0])
_EXAMPLE_CUSTOMER = merged(Customer(customer_id=_RECORD.customer_id), _RECORD)
