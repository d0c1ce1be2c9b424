"""Rows of a snapshot as the customers and orders that they are."""

from typing import Any

import polars as pl

from crm.audience.snapshot import Snapshot
from crm.domain.customers import Customer, Totals
from crm.domain.orders import Order
from crm.domain.records import CHANNELS, AttributeValue

_PLAIN = (
    "customer_id",
    "version",
    "known",
    "email",
    "phone",
    "name",
    "city",
    "country",
    "birthday",
    "created_at",
    "visits",
    "last_active_at",
    "consent",
)
_TOTALS = ("total_spend", "order_count", "first_order_at", "last_order_at")


def customer_of(row: dict[str, Any]) -> Customer:
    """The customer of a row of `Snapshot.customers`; the times of the fields are not kept there."""
    return Customer(
        **{name: row[name] for name in _PLAIN},
        tags=tuple(row["tags"]),
        consents={each: row[f"consents.{each}"] for each in CHANNELS if row[f"consents.{each}"] is not None},
        suppressions={
            each: row[f"suppressions.{each}"] for each in CHANNELS if row[f"suppressions.{each}"] is not None
        },
        attributes={each["name"]: _value(each) for each in row["attributes"]},
        totals=Totals(**{name: row[name] for name in _TOTALS}),
    )


def find(snapshot: Snapshot, customer_id: str) -> Customer | None:
    """The customer of that id, if the snapshot has them."""
    place = snapshot.customers["customer_id"].search_sorted(customer_id)
    if place == snapshot.customers.height:
        return None
    row = snapshot.customers.row(place, named=True)
    return customer_of(row) if row["customer_id"] == customer_id else None


def orders_of(snapshot: Snapshot, customer_id: str) -> list[Order]:
    """All orders of a customer, oldest first."""
    rows = (
        snapshot.orders.filter(pl.col("customer_id") == customer_id).drop("row").sort("placed_at", "order_id")
    )
    return [Order(**row) for row in rows.iter_rows(named=True)]


def _value(attribute: dict[str, Any]) -> AttributeValue:
    for kind in ("text", "number", "day", "flag"):
        value: AttributeValue | None = attribute[kind]
        if value is not None:
            return value
    raise ValueError("an attribute without a value")
