"""Customers: found, shown and erased."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import ConfigDict, Field, StringConstraints

from campaigns_api.field_models import CustomerFields, OrderFields
from campaigns_api.ids import CustomerKey, PersonCursor
from campaigns_api.log_rows import LogRowResponse, row_response
from campaigns_api.people import Keyed, PersonResponse
from campaigns_api.responses import Page, ResponseModel
from campaigns_api.services import MAX_PAGE, AppServices, Caller, Services
from crm.customers.customer import TOTALS, Customer, Totals
from crm.customers.customer_key import customer_key
from crm.customers.fields import FieldSpec
from crm.customers.order import ORDER, Order
from crm.customers.store.customers import Name
from crm.customers.values import CHANNELS, Channel
from crm.entry.bodies import RequestModel
from crm.entry.routing import Router
from crm.kernel.errors import NotFound
from crm.kernel.money import to_number
from crm.platform.clock import now

router = Router(prefix="/customers", tags=["customers"])

T = TypeVar("T")

MAX_QUERY = 200
"""Characters of a search."""

SHOWN = 100
"""Orders and messages, each, that one customer's page shows."""


class SearchRequest(RequestModel):
    """A part of a name, an e-mail address or an id; all customers if it is empty. It is a body, because
    addresses of requests are logged on their way."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "mira"}]})

    query: Annotated[str, StringConstraints(max_length=MAX_QUERY)] = ""
    limit: int = Field(default=50, ge=1, le=MAX_PAGE)
    cursor: PersonCursor | None = None


class CustomerResponse(Keyed, CustomerFields):
    """A customer. Money is in units of the currency."""

    known: bool
    consents: Mapping[Channel, bool]
    attributes: Mapping[str, Any]
    suppressions: Mapping[Channel, str]


class OrderResponse(OrderFields):
    """An order. `amount` is in units of the currency; a credit note is negative."""


class CustomerMessageResponse(LogRowResponse):
    """A message that the customer got, or would have."""

    campaign_id: str
    campaign_name: str | None


class CustomerDetailResponse(ResponseModel):
    """A customer with the newest of their orders and messages."""

    customer: CustomerResponse
    orders: list[OrderResponse]
    messages: list[CustomerMessageResponse]


@router.post("/search")
async def search(
    body: SearchRequest, request: Request, services: Services, person: Caller
) -> Page[PersonResponse]:
    """Customers whose name, e-mail or id holds the text, in the order of their ids."""
    from crm.audience.usecases.search import search_customers  # it loads polars

    limit, snapshot = body.limit, await services.audience.snapshot()
    found = await services.evaluations.run(
        request, person.email, lambda: search_customers(snapshot, body.query.strip(), body.cursor, limit + 1)
    )
    page = [PersonResponse.model_validate(row) for row in found[:limit]]
    return Page(data=page, next_cursor=page[-1].customer_id if len(found) > limit else None)


@router.get("/{key}")
async def one(key: CustomerKey, services: Services) -> CustomerDetailResponse:
    """A customer with the newest of their orders and messages."""
    customer = await existing(key, services)
    orders, messages = await asyncio.gather(
        services.records.orders_of(customer.customer_id), messages_of(customer, SHOWN, services)
    )
    return CustomerDetailResponse(
        customer=CustomerResponse(**values(customer)), orders=order_shapes(orders[:SHOWN]), messages=messages
    )


@router.delete("/{key}", status_code=204)
async def erase(key: CustomerKey, services: Services, person: Caller) -> None:
    """Erase a customer and their orders permanently. What was sent to them stays in the log, by key only.

    A key belongs to one id, so this erases the customer with whose data the key was answered, or nobody.
    """
    async with services.audited(person, "customer.erase", key):
        await services.erase_customer(key, now())


async def existing(key: str, services: AppServices) -> Customer:
    """The customer with this key. Raises NotFound for one who is not there, or was erased."""
    customer = (await services.customers.with_keys([key])).get(key)
    if customer is None:
        raise NotFound("There is no such customer.")
    if customer.erased_at is not None:
        raise NotFound(f"This customer was erased on {customer.erased_at:%Y-%m-%d}.")
    return customer


async def messages_of(customer: Customer, limit: int, services: AppServices) -> list[CustomerMessageResponse]:
    """The newest messages to the customer."""
    key = customer_key(customer.customer_id)
    person = {key: Name(customer.customer_id, customer.name)}
    rows = await services.log.of_customer(key, limit)
    names = await _campaign_names({row.campaign_id for row in rows}, services)
    return [
        CustomerMessageResponse(
            **row_response(row, person).model_dump(),
            campaign_id=row.campaign_id,
            campaign_name=names[row.campaign_id],
        )
        for row in rows
    ]


async def _campaign_names(campaign_ids: Iterable[str], services: AppServices) -> dict[str, str | None]:
    async def name(campaign_id: str) -> tuple[str, str | None]:
        try:
            return campaign_id, (await services.campaigns.get(campaign_id)).name
        except NotFound:
            return campaign_id, None

    return dict(await asyncio.gather(*map(name, campaign_ids)))


def order_shapes(orders: Iterable[Order]) -> list[OrderResponse]:
    """Orders in the API's form."""
    return [OrderResponse.model_validate(_in_units(order, ORDER)) for order in orders]


def values(customer: Customer) -> dict[str, Any]:
    """The fields of CustomerResponse."""
    totals = _in_units(customer.totals, TOTALS)
    names = CustomerResponse.model_fields.keys() - totals.keys() - {"key"}
    channels = {name: known_channels(getattr(customer, name)) for name in ("consents", "suppressions")}
    return {**totals, **{name: getattr(customer, name) for name in names}, **channels}


def known_channels(by_channel: Mapping[Channel, T]) -> Mapping[Channel, T]:
    """Without the channels that only a newer version knows."""
    return {channel: by_channel[channel] for channel in CHANNELS if channel in by_channel}


def _in_units(row: Totals | Order, specs: Mapping[str, FieldSpec]) -> dict[str, Any]:
    """The described fields of a row, money in units of the currency."""
    return {
        name: to_number(getattr(row, name)) if spec.kind == "money" else getattr(row, name)
        for name, spec in specs.items()
    }
