"""Compares compile and match with a third implementation, written for this purpose only (`naive`).

`CRM_EXAMPLES=5000 .venv/bin/python -m pytest tests/audience/test_naive.py` looks longer.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crm.audience.engine import compile as compile_
from crm.audience.rules.match import match
from crm.audience.rules.parse import parse
from crm.customers.customer import Customer
from crm.customers.order import Order
from crm.kernel.errors import Invalid
from tests.audience import strategies
from tests.audience.engine.test_compile import matched, person, rule, snapshot
from tests.audience.naive import Naive

EXAMPLES = int(os.environ.get("CRM_EXAMPLES", "80"))

ZONES: list[tzinfo] = [
    UTC,
    *map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu")),
    *map(ZoneInfo, ("Australia/Lord_Howe", "America/Havana", "Africa/Cairo")),
]
"""Also half hours, half hours of summer time, and clocks that go back or forward at midnight."""

NOWS = [
    strategies.NOW,  # clocks go forward in Europe
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # half past two in Berlin, for the first time
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # and for the second
    datetime(2026, 3, 8, 4, 59, 59, 999_999, tzinfo=UTC),  # a day that has no midnight in Havana
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2027, 2, 28, 12, tzinfo=UTC),
    datetime(2027, 3, 31, 10, tzinfo=UTC),  # a month ago, there was no 31st
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
]
BIRTHDAYS = [date(1990, 2, 28), date(1992, 2, 29), date(1990, 3, 1), date(1980, 12, 31), date(1981, 1, 1)]


def later(value: Any, by: timedelta) -> Any:
    """The same with every date and time so much later, to the day where it is a date."""
    match value:
        case dict():
            return {name: later(each, by) for name, each in value.items()}
        case list():
            return [later(each, by) for each in value]
        case datetime():
            return value + by
        case date():
            return value + timedelta(days=by.days)
        case str() if value[:2] in ("19", "20") and value[4:5] == "-":
            day = date.fromisoformat(value[:10]) + timedelta(days=by.days)
            return day.isoformat() + value[10:]
        case Customer():
            fields = ("birthday", "created_at", "last_active_at", "attributes")
            moved = {name: later(getattr(value, name), by) for name in fields}
            totals = value.totals
            first, last = later(totals.first_order_at, by), later(totals.last_order_at, by)
            return replace(value, **moved, totals=replace(totals, first_order_at=first, last_order_at=last))
        case Order():
            return replace(value, placed_at=later(value.placed_at, by))
        case _:
            return value


People = Sequence[tuple[Customer, Sequence[Order]]]


@st.composite
def people_around(draw: st.DrawFn, now: datetime) -> People:
    """Customers with times around that time, some with birthdays at the edges of the calendar."""
    drawn = draw(
        st.lists(
            st.tuples(strategies.customers, st.lists(strategies.orders, max_size=4), st.integers(0, 9)),
            min_size=1,
            max_size=8,
        )
    )
    found = []
    for number, (who, orders, chance) in enumerate(drawn):
        moved = replace(later(who, now - strategies.NOW), customer_id=f"C{number}", known=True)
        if chance < len(BIRTHDAYS):
            moved = replace(moved, birthday=BIRTHDAYS[chance])
        theirs = [replace(each, customer_id=moved.customer_id) for each in orders]
        found.append((moved, [later(each, now - strategies.NOW) for each in theirs]))
    return found


def three_answers(tree: Any, people: People, now: datetime, zone: tzinfo) -> tuple[list[str], ...]:
    """Who is matched by the engine, by the interpreter, and by brute force."""
    rules = parse(tree, zone=zone)
    shot = snapshot([who for who, _ in people], [each for _, orders in people for each in orders])
    naive = Naive(now, zone)
    return (
        matched(shot, rules, zone, now),
        [who.customer_id for who, orders in people if match(rules, who, orders, now, zone).holds],
        [who.customer_id for who, orders in people if naive.matches(tree, who, orders)],
    )


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(tree=strategies.trees, zone=st.sampled_from(ZONES), now=st.sampled_from(NOWS), data=st.data())
def test_engine_interpreter_and_brute_force_agree(
    tree: dict[str, object], zone: tzinfo, now: datetime, data: st.DataObject
) -> None:
    tree = later(tree, now - strategies.NOW)
    try:
        parse(tree, zone=zone)
    except Invalid:  # a `between` whose bounds were drawn the wrong way round
        assume(False)
    people = data.draw(people_around(now))

    with (
        pytest.MonkeyPatch.context() as patch
    ):  # among so few, too, it may pick rows and ask about orders first
        patch.setattr(compile_, "_RARE", data.draw(st.sampled_from([1, 2, 200])))
        patch.setattr(compile_, "_FEW", data.draw(st.sampled_from([1, 8])))
        compiled, interpreted, brute = three_answers(tree, people, now, zone)

    assert compiled == brute
    assert interpreted == brute


def test_birthdays_within_a_week_on_days_of_four_years() -> None:
    """Birthdays of all the year, the 29th of February included, wherever the day begins."""
    leap = date(1992, 1, 1)
    days = {*range(0, 366, 5), 59}
    people = [person(f"C{day:03}", birthday=leap + timedelta(days=day)) for day in sorted(days)]
    shot = snapshot(people)
    tree = rule("days_to_birthday", "<=", 7)
    rules = parse(tree)
    for day in range(0, 4 * 365 + 1, 11):
        now, zone = datetime(2025, 1, 1, 23, 30, tzinfo=UTC) + timedelta(days=day), ZONES[day % len(ZONES)]
        naive = Naive(now, zone)
        brute = [who.customer_id for who in people if naive.matches(tree, who, ())]
        assert matched(shot, rules, zone, now) == brute, now
        assert [who.customer_id for who in people if match(rules, who, (), now, zone).holds] == brute, now
