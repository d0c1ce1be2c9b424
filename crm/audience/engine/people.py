"""Converts rows of a snapshot to customers and orders."""

from typing import Any

import numpy as np
import polars as pl

from crm.audience.engine.frames import STUB
from crm.audience.engine.numbers import Rows
from crm.audience.engine.parts import Part
from crm.audience.engine.snapshot import Snapshot
from crm.customers.customer import TOTALS, Customer, Totals
from crm.customers.fields import PROFILE
from crm.customers.order import Order
from crm.customers.values import CHANNELS, AttributeValue

_PLAIN = ("version", "known", *(name for name in PROFILE if name != "tags"))


def customer_of(row: dict[str, Any]) -> Customer:
    """The customer of a row of `tables.CUSTOMERS`, without the times at which fields changed."""
    return Customer(
        **{name: row[name] for name in _PLAIN},
        tags=tuple(row["tags"]),
        consents={each: row[f"consents.{each}"] for each in CHANNELS if row[f"consents.{each}"] is not None},
        suppressions={
            each: row[f"suppressions.{each}"] for each in CHANNELS if row[f"suppressions.{each}"] is not None
        },
        attributes={each["name"]: _value(each) for each in row["attributes"]},
        totals=Totals(**{name: row[name] for name in TOTALS}),
    )


def everybody(snapshot: Snapshot) -> list[Customer]:
    """All customers who are not erased, also unknown ones, by id. Slow: for checks of small audiences."""
    rows: list[dict[str, Any]] = []
    for part, stays in ((snapshot.base, snapshot.stays), (snapshot.delta, True)):
        shown = (
            ~part.flags("removed").yes
            & (part.numbers("version").numbers(np.arange(part.size)) != STUB)
            & stays
        )
        rows += part.rows(np.flatnonzero(shown).astype(np.uint32)).to_dicts()
    return sorted(map(customer_of, rows), key=lambda customer: customer.customer_id)


def find(snapshot: Snapshot, customer_id: str) -> Customer | None:
    """The customer with this id; None if the snapshot has none."""
    found = _part_and_row(snapshot, customer_id)
    return None if found is None else customer_of(found[0].row(int(found[1][0])))


def orders_of(snapshot: Snapshot, customer_id: str) -> list[Order]:
    """All orders of a customer, oldest first."""
    found = _part_and_row(snapshot, customer_id)
    if found is None:
        return []
    rows = found[0].orders_of(found[1]).sort("placed_at", "order_id")
    return [Order(**row) for row in rows.iter_rows(named=True)]


def _part_and_row(snapshot: Snapshot, customer_id: str) -> tuple[Part, Rows] | None:
    """The part and row with the customer's latest version; None if removed or not in the snapshot."""
    for part in (snapshot.delta, snapshot.base):
        rows = part.places(pl.Series([customer_id]))
        if len(rows):
            removed = part.flags("removed").yes[rows[0]] or part.numbers("version").numbers(rows)[0] == STUB
            return None if removed else (part, rows)
    return None


def _value(attribute: dict[str, Any]) -> AttributeValue:
    for kind in ("text", "number", "day", "flag"):
        value: AttributeValue | None = attribute[kind]
        if value is not None:
            return value
    raise ValueError("an attribute without a value")
