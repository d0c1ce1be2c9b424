"""Customers as documents of `customers`, named by the hash of their own id.

Empty fields are left out. A date is text (`1990-05-17`), for Firestore has no dates. An attribute's text of
that form is always a date, as in `crm.customers.values`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from google.cloud.firestore import AsyncClient

from crm.customers.customer import TOTALS, Customer, Totals
from crm.customers.fields import PROFILE
from crm.customers.store.codec import Codec
from crm.customers.values import ISO_DATE, AttributeValue
from crm.kernel.ids import document_id
from crm.platform.firestore import documents

COLLECTION = "customers"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

SENDING = (
    *PROFILE,
    *TOTALS,
    *("known", "consents", "suppressions", "attributes", "version", "erased_at"),
)
"""The fields needed to send: who may be written to, and the values that a message may use."""

_PROFILE = Codec(PROFILE)
_TOTALS = Codec(TOTALS)


def encode(customer: Customer) -> dict[str, Any]:
    """The fields of the customer's document."""
    fields: dict[str, Any] = {
        "known": customer.known,
        "version": customer.version,
        **_PROFILE.encode(customer),
        **_TOTALS.encode(customer.totals),
    }
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
    return Customer(
        **_PROFILE.decode(fields),
        known=fields["known"],
        consents=fields.get("consents", {}),
        attributes={name: _attribute(value) for name, value in fields.get("attributes", {}).items()},
        suppressions=fields.get("suppressions", {}),
        field_times=_decode_times(fields.get("field_times", "{}")),
        totals=Totals(**_TOTALS.decode(fields)),
        version=fields["version"],
        erased_at=fields.get("erased_at"),
    )


class Customers:
    """Reads customers."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, ids: Sequence[str]) -> dict[str, Customer]:
        """The customers of these ids that exist, by id. Raises Unavailable."""
        found = await documents.get_many(self._client, [path_of(customer_id) for customer_id in ids])
        customers = [decode(stored.fields) for stored in found.values()]
        return {customer.customer_id: customer for customer in customers}


class Recipients:
    """Reads customers as sending needs them: without `field_times`, which cost as much as all the rest."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, ids: Sequence[str]) -> dict[str, Customer]:
        """The customers of these ids that exist, by id. Raises Unavailable."""
        found = await documents.get_many(self._client, [path_of(customer_id) for customer_id in ids], SENDING)
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
