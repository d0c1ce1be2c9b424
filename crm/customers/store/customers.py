"""Customers as documents of `customers`, named by their key.

Of an erased one only `version` and `erased_at` are left, so the document confirms no guess of who it was.

Empty fields are left out. A date is text (`1990-05-17`), for Firestore has no dates. An attribute's text of
that form is always a date, as in `crm.customers.values`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from google.cloud.firestore import AsyncClient

from crm.customers.customer import TOTALS, Customer, Totals
from crm.customers.customer_key import customer_key
from crm.customers.fields import PROFILE
from crm.customers.store.codec import Codec, decode_times, encode_times
from crm.customers.values import ISO_DATE, AttributeValue
from crm.platform.firestore import documents

COLLECTION = "customers"

ERASED = "erased_at"
"""A field that only erased customers have."""

SEARCHED = 20
"""Documents among which `fit_secret` looks for a customer who is not erased."""

SENDING = (
    *PROFILE,
    *TOTALS,
    *("known", "consents", "suppressions", "attributes", "version", ERASED),
)
"""The fields needed to send: who may be written to, and the values that a message may use."""

_PROFILE = Codec(PROFILE)
_TOTALS = Codec(TOTALS)
_KNOWN = frozenset((*SENDING, "field_times"))
"""The fields of a document that this version knows."""


def encode(customer: Customer) -> dict[str, Any]:
    """The fields of the customer's document."""
    if customer.erased_at is not None:
        return {"version": customer.version, ERASED: customer.erased_at}
    fields: dict[str, Any] = {
        **customer.others,
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
        fields["field_times"] = encode_times(customer.field_times)
    return fields


def decode(fields: Mapping[str, Any], customer_id: str = "") -> Customer:
    """The customer of a document's fields. `customer_id` is an erased one's id, if the reader knows it."""
    if ERASED in fields:
        return Customer(customer_id=customer_id, version=fields["version"], erased_at=fields[ERASED])
    return Customer(
        **_PROFILE.decode(fields),
        known=fields["known"],
        consents=fields.get("consents", {}),
        attributes={name: _attribute(value) for name, value in fields.get("attributes", {}).items()},
        suppressions=fields.get("suppressions", {}),
        field_times=decode_times(fields.get("field_times", "{}")),
        totals=Totals(**_TOTALS.decode(fields)),
        version=fields["version"],
        others={name: fields[name] for name in fields.keys() - _KNOWN},
    )


def identity(fields: Mapping[str, Any]) -> Customer:
    """What an erasure needs of a customer, whatever else the document holds: id, version and `erased_at`."""
    return Customer(
        customer_id=fields.get("customer_id", ""), version=fields["version"], erased_at=fields.get(ERASED)
    )


class Name(NamedTuple):
    """How a customer is shown in a list."""

    customer_id: str
    name: str | None


class Customers:
    """Reads customers."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def with_keys(self, keys: Sequence[str]) -> dict[str, Customer]:
        """The customers of these keys that exist, by key; also erased ones. Raises Unavailable."""
        found = await documents.get_many(self._client, [path_of_key(key) for key in keys])
        return {path.rpartition("/")[2]: decode(stored.fields) for path, stored in found.items()}

    async def get(self, ids: Sequence[str]) -> dict[str, Customer]:
        """The customers of these ids that exist, by id. Raises Unavailable."""
        paths = {path_of(customer_id): customer_id for customer_id in ids}
        found = await documents.get_many(self._client, list(paths))
        return {paths[path]: decode(stored.fields, paths[path]) for path, stored in found.items()}

    async def fit_secret(self) -> bool:
        """Whether a stored customer, if there is one, has the key that this process derives. Raises
        Unavailable."""
        query = (
            self._client.collection(COLLECTION).order_by("__name__").limit(SEARCHED).select(["customer_id"])
        )
        found = (await documents.query(self._client, query)).documents
        ids = ((key, stored.fields.get("customer_id")) for key, stored in found.items())
        return next((customer_key(known) == key for key, known in ids if known is not None), True)

    async def erased(self, ids: Collection[str]) -> set[str]:
        """Those of these ids whose customers were erased. Raises Unavailable."""
        paths = {path_of(customer_id): customer_id for customer_id in ids}
        found = await documents.get_in_batches(self._client, list(paths), [ERASED])
        return {paths[path] for path, stored in found.items() if ERASED in stored.fields}

    async def named(self, keys: Collection[str]) -> dict[str, Name]:
        """The id and name of each of these customers who exists, by key. Raises Unavailable."""
        paths = [path_of_key(key) for key in keys]
        found = await documents.get_in_batches(self._client, paths, ["customer_id", "name"])
        return {
            path.rpartition("/")[2]: Name(stored.fields["customer_id"], stored.fields.get("name"))
            for path, stored in found.items()
            if "customer_id" in stored.fields
        }


class Recipients:
    """Reads customers as sending needs them: without `field_times`, which cost as much as all the rest."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, keys: Sequence[str]) -> dict[str, Customer]:
        """The customers of these keys that exist, by key. Raises Unavailable."""
        found = await documents.get_many(self._client, [path_of_key(key) for key in keys], SENDING)
        return {path.rpartition("/")[2]: decode(stored.fields) for path, stored in found.items()}


def path_of(customer_id: str) -> str:
    """The path of a customer's document."""
    return path_of_key(customer_key(customer_id))


def path_of_key(key: str) -> str:
    """The path of the document of the customer with this key."""
    return f"{COLLECTION}/{key}"


def _attribute(value: AttributeValue) -> AttributeValue:
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        return date.fromisoformat(value)
    return value
