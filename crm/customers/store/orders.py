"""Orders as documents of `orders`, named by the hash of their own id."""

from collections.abc import Mapping
from typing import Any

from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm.customers.order import Order
from crm.kernel.ids import document_id
from crm.platform.firestore.get_many import plain_time

COLLECTION = "orders"


def path_of(order_id: str) -> str:
    """The path of an order's document."""
    return f"{COLLECTION}/{document_id(order_id)}"


def of_customer(client: AsyncClient, customer_id: str) -> AsyncQuery:
    """A query of the customer's orders, in the order of their documents' names."""
    filter_ = FieldFilter("customer_id", "==", customer_id)
    return client.collection(COLLECTION).where(filter=filter_).order_by("__name__")


def encode(order: Order) -> dict[str, Any]:
    """The fields of the order's document."""
    fields: dict[str, Any] = {
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "amount": order.amount,
        "currency": order.currency,
        "status": order.status,
        "placed_at": order.placed_at,
        "updated_at": order.updated_at,
        "version": order.version,
    }
    if order.category is not None:
        fields["category"] = order.category
    return fields


def decode(fields: Mapping[str, Any]) -> Order:
    """The order of a document's fields."""
    placed_at, updated_at = plain_time(fields["placed_at"]), plain_time(fields["updated_at"])
    assert placed_at is not None
    assert updated_at is not None
    return Order(
        order_id=fields["order_id"],
        customer_id=fields["customer_id"],
        amount=fields["amount"],
        currency=fields["currency"],
        status=fields["status"],
        category=fields.get("category"),
        placed_at=placed_at,
        updated_at=updated_at,
        version=fields["version"],
    )
