"""Orders as documents of `orders`, named by the hash of their own id."""

from collections.abc import Mapping
from typing import Any

from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.customers.order import ORDER, Order
from crm.customers.store.codec import Codec
from crm.kernel.ids import document_id

COLLECTION = "orders"

_ORDER = Codec(ORDER)


def path_of(order_id: str) -> str:
    """The path of an order's document."""
    return f"{COLLECTION}/{document_id(order_id)}"


def of_customer(client: AsyncClient, customer_id: str) -> AsyncQuery:
    """A query of the customer's orders, in the order of their documents' names."""
    filter_ = FieldFilter("customer_id", "==", customer_id)
    return client.collection(COLLECTION).where(filter=filter_).order_by("__name__")


def encode(order: Order) -> dict[str, Any]:
    """The fields of the order's document. Empty ones are left out."""
    return {"version": order.version, **_ORDER.encode(order)}


def decode(fields: Mapping[str, Any]) -> Order:
    """The order of a document's fields."""
    return Order(**_ORDER.decode(fields), version=fields["version"])
