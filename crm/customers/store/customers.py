"""Customers as documents of `customers`, named by the hash of their own id.

What is empty is left out. A date is text (`1990-05-17`), for Firestore has no dates; text of that form is
always a date, as in `crm.customers.records`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from google.cloud.firestore import AsyncClient

from crm.customers.customer import Customer, Totals
from crm.customers.records import ISO_DATE, AttributeValue
from crm.kernel.ids import document_id
from crm.platform.firestore import documents
from crm.platform.firestore.get_many import plain_time

COLLECTION = "customers"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_AS_THEY_ARE = ("email", "phone", "name", "city", "country", "created_at", "visits", "last_active_at")

SENDING = (
    *_AS_THEY_ARE,
    *("customer_id", "known", "birthday", "consent", "consents", "suppressions", "tags", "attributes"),
    *("total_spend", "order_count", "first_order_at", "last_order_at", "version", "erased_at"),
)
"""The fields that say who may be written to, and what a message may name."""


def encode(customer: Customer) -> dict[str, Any]:
    """The fields of the customer's document."""
    totals = customer.totals
    fields: dict[str, Any] = {
        "customer_id": customer.customer_id,
        "known": customer.known,
        "consent": customer.consent,
        "total_spend": totals.total_spend,
        "order_count": totals.order_count,
        "version": customer.version,
    }
    for name in _AS_THEY_ARE:
        value = getattr(customer, name)
        if value is not None:
            fields[name] = value
    if customer.birthday is not None:
        fields["birthday"] = customer.birthday.isoformat()
    if totals.first_order_at is not None:
        fields["first_order_at"] = totals.first_order_at
    if totals.last_order_at is not None:
        fields["last_order_at"] = totals.last_order_at
    if customer.tags:
        fields["tags"] = list(customer.tags)
    if customer.consents:
        fields["consents"] = dict(customer.consents)
    if customer.attributes:
        fields["attributes"] = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in customer.attributes.items()
        }
    if customer.suppressions:
        fields["suppressions"] = dict(customer.suppressions)
    if customer.field_times:
        fields["field_times"] = _encode_times(customer.field_times)
    if customer.erased_at is not None:
        fields["erased_at"] = customer.erased_at
    return fields


def decode(fields: Mapping[str, Any]) -> Customer:
    """The customer of a document's fields."""
    birthday = fields.get("birthday")
    return Customer(
        customer_id=fields["customer_id"],
        known=fields["known"],
        email=fields.get("email"),
        phone=fields.get("phone"),
        name=fields.get("name"),
        city=fields.get("city"),
        country=fields.get("country"),
        birthday=date.fromisoformat(birthday) if birthday else None,
        created_at=plain_time(fields.get("created_at")),
        visits=fields.get("visits"),
        last_active_at=plain_time(fields.get("last_active_at")),
        tags=tuple(fields.get("tags", ())),
        consent=fields["consent"],
        consents=fields.get("consents", {}),
        attributes={name: _attribute(value) for name, value in fields.get("attributes", {}).items()},
        suppressions=fields.get("suppressions", {}),
        field_times=_decode_times(fields.get("field_times", "{}")),
        totals=Totals(
            total_spend=fields["total_spend"],
            order_count=fields["order_count"],
            first_order_at=plain_time(fields.get("first_order_at")),
            last_order_at=plain_time(fields.get("last_order_at")),
        ),
        version=fields["version"],
        erased_at=plain_time(fields.get("erased_at")),
    )


class Customers:
    """Reads customers."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, ids: Sequence[str]) -> dict[str, Customer]:
        """The customers of these ids that exist, by id. Raises Unavailable."""
        found = await documents.read(self._client, [path_of(customer_id) for customer_id in ids])
        customers = [decode(stored.fields) for stored in found.values()]
        return {customer.customer_id: customer for customer in customers}


class Recipients:
    """Reads customers as sending needs them: without `field_times`, which cost as much as all the rest."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, ids: Sequence[str]) -> dict[str, Customer]:
        """The customers of these ids that exist, by id. Raises Unavailable."""
        found = await documents.read(self._client, [path_of(customer_id) for customer_id in ids], SENDING)
        customers = [decode(stored.fields) for stored in found.values()]
        return {customer.customer_id: customer for customer in customers}


def path_of(customer_id: str) -> str:
    """The path of a customer's document."""
    return f"{COLLECTION}/{document_id(customer_id)}"


def _attribute(value: AttributeValue) -> AttributeValue:
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        return date.fromisoformat(value)
    return value


def _encode_times(times: Mapping[str, datetime]) -> str:
    by_time: dict[int, list[str]] = {}
    for path, at in times.items():
        by_time.setdefault((at - EPOCH) // MICROSECOND, []).append(path)
    return json.dumps(by_time, separators=(",", ":"))


def _decode_times(text: str) -> dict[str, datetime]:
    return {
        path: EPOCH + int(microseconds) * MICROSECOND
        for microseconds, paths in json.loads(text).items()
        for path in paths
    }
