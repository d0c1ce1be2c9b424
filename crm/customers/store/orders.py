"""Orders as documents of `orders`, named by the hash of their own id.

`customer_key` names the owner's document: so an erasure finds the orders of a customer who is erased already.
"""

from collections.abc import Mapping
from typing import Any

from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.customers.customer_key import customer_key
from crm.customers.order import ORDER, Order
from crm.customers.store.codec import Codec, decode_times, encode_times
from crm.kernel.ids import document_id

COLLECTION = "orders"

OWNER = "customer_key"
"""The field with the customer's key."""

_ORDER = Codec(ORDER)
_KNOWN = frozenset((*ORDER, OWNER, "version", "field_times"))
"""The fields of a document that this version knows."""


def path_of(order_id: str) -> str:
    """The path of an order's document."""
    return f"{COLLECTION}/{document_id(order_id)}"


def of_customer(client: AsyncClient, key: str) -> AsyncQuery:
    """A query of the orders of the customer with this key, in the order of their documents' names."""
    filter_ = FieldFilter(OWNER, "==", key)
    return client.collection(COLLECTION).where(filter=filter_).order_by("__name__")


def encode(order: Order) -> dict[str, Any]:
    """The fields of the order's document. Empty ones are left out."""
    fields = {
        **order.others,
        "version": order.version,
        OWNER: customer_key(order.customer_id),
        **_ORDER.encode(order),
    }
    if order.field_times:
        fields["field_times"] = encode_times(order.field_times)
    return fields


def decode(fields: Mapping[str, Any]) -> Order:
    """The order of a document's fields."""
    others = {name: fields[name] for name in fields.keys() - _KNOWN}
    times = fields.get("field_times")
    return Order(
        **_ORDER.decode(fields),
        version=fields["version"],
        others=others,
        field_times=decode_times(times) if times else {},
    )
