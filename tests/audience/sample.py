"""A few customers and orders as a snapshot."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from crm.audience.engine.snapshot import snapshot_of
from crm.audience.engine.tables import applied, empty
from crm.audience.rules.parse import parse
from crm.audience.rules.tree import Group
from crm.customers.changes import encode
from crm.customers.customer import Customer, Totals
from crm.customers.order import Order

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def customer(number: int, **fields: Any) -> Customer:
    known = {"customer_id": f"C{number:03}", "known": True, "email": f"c{number}@example.com", "version": 1}
    return Customer(**{**known, **fields})


def order(order_id: str, customer_id: str, amount: int, **fields: Any) -> Order:
    return Order(
        order_id=order_id,
        customer_id=customer_id,
        amount=amount,
        currency="GBP",
        status=fields.get("status", "completed"),
        category=fields.get("category"),
        placed_at=fields.get("placed_at", NOW),
        updated_at=NOW,
        version=1,
    )


SNAPSHOT = snapshot_of(
    applied(
        empty(),
        encode(
            [
                customer(3, name="Ada", totals=Totals(total_spend=12_345_600, order_count=2), tags=("vip",)),
                customer(1, name="Mira", country="France", attributes={"size": 38.0, "tier": "gold"}),
                customer(2, consent=False, country="Spain"),
                customer(4, email=None, birthday=date(1990, 5, 17)),
                customer(5, suppressions={"simulator": "complained"}, consents={"simulator": True}),
                customer(6, consents={"simulator": False}, email=None),
                customer(7, known=False),
            ],
            [
                order("O1", "C003", 100_000, category="shoes", placed_at=NOW - timedelta(days=3)),
                order("O2", "C003", 12_245_600, category="hats"),
                order("O3", "C003", 50_000, status="refunded", category="shoes"),
            ],
        ),
    ),
    NOW,
)


EVERYONE = parse({"combinator": "and", "rules": [], "all": True})


def rules(field: str, operator: str, value: Any = None) -> Group:
    return parse({"combinator": "and", "rules": [{"field": field, "operator": operator, "value": value}]})
