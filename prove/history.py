"""Customers and orders in several versions each, and what has to be stored of them in the end."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

Record = dict[str, Any]

_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_CITIES = ("Graz", "Porto", "Lyon", "Turku", "Gdynia")
_STATUSES = ("completed", "completed", "completed", "pending", "refunded", "cancelled")


@dataclass(frozen=True, slots=True)
class Totals:
    """What a customer's completed orders add up to."""

    spend: Decimal = Decimal(0)
    orders: int = 0


@dataclass(slots=True)
class Truth:
    """The newest version of each customer and order, by id: what has to be stored once all work is
    finished."""

    customers: dict[str, Record] = field(default_factory=dict)
    orders: dict[str, Record] = field(default_factory=dict)

    def learn(self, kind: str, record: Record) -> None:
        """Take a version into account. The order of the calls does not matter."""
        known = self.customers if kind == "customers" else self.orders
        name = record["customer_id" if kind == "customers" else "order_id"]
        if name not in known or known[name]["updated_at"] < record["updated_at"]:
            known[name] = record

    def totals(self) -> dict[str, Totals]:
        """The totals of each customer who has orders."""
        found: dict[str, Totals] = {}
        for order in self.orders.values():
            before = found.setdefault(order["customer_id"], Totals())
            if order["status"] == "completed":
                amount = Decimal(order["amount"])
                found[order["customer_id"]] = Totals(before.spend + amount, before.orders + (amount > 0))
        return found


def people(draw: random.Random, group: str, count: int) -> Iterator[Record]:
    """Every version of `count` customers with the tag `group`, the versions of one next to each other."""
    for number in range(count):
        name = f"{group}-{number:05d}"
        for version in range(draw.choice((1, 1, 2, 3))):
            yield {
                "customer_id": name,
                "email": f"{name}@prove.example.com",
                "name": f"Person {number}",
                "city": draw.choice(_CITIES),
                "visits": draw.randrange(100),
                "tags": [group, "prove"],
                "updated_at": _timestamp(draw, version),
            }


def orders(draw: random.Random, customer_ids: Sequence[str], count: int, prefix: str) -> Iterator[Record]:
    """Every version of `count` orders; some change amount and status, some move to another customer."""
    for number in range(count):
        owner = draw.choice(customer_ids)
        for version in range(draw.choice((1, 1, 1, 2, 3, 4))):
            if draw.random() < 0.1:
                owner = draw.choice(customer_ids)
            cents = draw.randrange(-2_000, 20_000)
            yield {
                "order_id": f"{prefix}-{number:06d}",
                "customer_id": owner,
                "amount": f"{Decimal(cents) / 100}",
                "currency": "EUR",
                "status": draw.choice(_STATUSES),
                "category": draw.choice(("shoes", "tea", "books")),
                "placed_at": _timestamp(draw, 0),
                "updated_at": _timestamp(draw, version + 1),
            }


def _timestamp(draw: random.Random, version: int) -> str:
    """A time that is later than that of any lower version."""
    minutes = version * 10_000 + draw.randrange(10_000)
    return (_BEGIN + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
