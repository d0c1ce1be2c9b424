"""The day on which a customer drops out of a rolling window."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.audience.rules.expiry import expires_on
from crm.audience.rules.match import match
from crm.audience.rules.parse import parse
from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.kernel.errors import Invalid
from crm.kernel.moments import start_of
from tests.audience import strategies
from tests.audience.histories import placed
from tests.customers.test_changes import ORDER

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def ago(offset: int, unit: str = "day") -> dict[str, Any]:
    return {"mode": "relative", "anchor": "now", "offset": offset, "unit": unit}


def rule(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"combinator": "and", "rules": [{"field": field, "operator": operator, "value": value}]}


@pytest.mark.parametrize(
    ("tree", "day"),
    [
        (rule("last_active_at", ">", ago(-30)), date(2026, 3, 22)),
        (rule("last_active_at", ">=", ago(-1, "month")), date(2026, 3, 20)),
        (rule("last_active_at", "=", ago(-9)), date(2026, 3, 2)),
        (rule("last_active_at", "<", ago(-3)), None),
        (rule("last_active_at", ">", "2026-01-01"), None),
        (rule("days_to_birthday", "<=", 7), date(2026, 3, 6)),
        (rule("attributes.trial", ">", ago(-14)), date(2026, 3, 4)),
    ],
)
def test_the_day_on_which_a_condition_stops_to_match(tree: dict[str, Any], day: date | None) -> None:
    who = Customer(
        customer_id="C1",
        known=True,
        last_active_at=datetime(2026, 2, 20, 9, tzinfo=UTC),
        birthday=date(1990, 3, 5),
        attributes={"trial": date(2026, 2, 18)},
    )

    assert expires_on(parse(tree), who, (), NOW, UTC) == day


def test_the_day_on_which_orders_leave_the_window() -> None:
    """Two orders within 30 days: the older one leaves first, and with it the customer."""
    recently = {"field": "placed_at", "operator": ">", "value": ago(-30)}
    node = {
        "field": "orders",
        "match": {"mode": "atLeast", "threshold": 2},
        "value": {"combinator": "and", "rules": [recently]},
    }
    rules = parse({"combinator": "and", "rules": [node]})
    who = Customer(customer_id="C1", known=True)
    orders = [Order(**{**_fields(ORDER), "placed_at": NOW - each * DAY}) for each in (3, 10)]

    assert expires_on(rules, who, orders, NOW, UTC) == date(2026, 3, 21)


def _fields(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in Order.__dataclass_fields__}


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(strategies.trees, strategies.customers, st.lists(strategies.orders, max_size=3))
def test_expiry_agrees_with_match_on_each_day(
    tree: dict[str, object], who: Customer, orders: list[Order]
) -> None:
    """Against every day of two months."""
    zone = ZoneInfo("Europe/Berlin")
    try:
        rules = parse(tree, zone=zone)
    except Invalid:
        return
    theirs = placed(who, orders)
    today = strategies.NOW.astimezone(zone).date()

    day = expires_on(rules, who, theirs, strategies.NOW, zone)

    def holds(on: date) -> bool:
        end = start_of(on + DAY, zone) - timedelta(microseconds=1)
        return match(rules, who, theirs, end, zone).holds

    gone = next((each for number in range(60) if not holds(each := today + number * DAY)), None)
    if match(rules, who, theirs, strategies.NOW, zone).holds:
        assert day == gone or (gone is None and (day is None or day > today + 59 * DAY))
