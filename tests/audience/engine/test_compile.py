"""The columnar engine against the interpreter: the same answer for every rule and every person."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from crm.audience.engine.compile import members
from crm.audience.engine.snapshot import Snapshot, snapshot_of
from crm.audience.engine.tables import applied, empty
from crm.audience.rules.fields import OPERATORS, ORDER_FIELDS, Field
from crm.audience.rules.match import match
from crm.audience.rules.parse import parse
from crm.audience.rules.tree import Group
from crm.customers.changes import encode
from crm.customers.customer import Customer, Totals
from crm.customers.order import Order
from crm.kernel.errors import Invalid
from tests.audience import strategies

ZONES: list[tzinfo] = [
    UTC,
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Pacific/Auckland"),
]
NOW = strategies.NOW
BERLIN = ZoneInfo("Europe/Berlin")


def snapshot(customers: Sequence[Customer], orders: Sequence[Order] = ()) -> Snapshot:
    return snapshot_of(applied(empty(), encode(customers, orders)), NOW)


def matched(shot: Snapshot, rules: Group, zone: tzinfo = UTC, now: datetime = NOW) -> list[str]:
    return sorted(
        customer_id
        for part, mask in members(shot, rules, now, zone)
        for customer_id in part.ids.filter(pl.Series(mask))
    )


def found(shot: Snapshot, tree: object, zone: tzinfo = UTC, now: datetime = NOW) -> list[str]:
    return matched(shot, parse(tree), zone, now)


def rule(field: str, operator: str, value: object = None) -> dict[str, object]:
    return {"combinator": "and", "rules": [{"field": field, "operator": operator, "value": value}]}


def person(customer_id: str, **fields: object) -> Customer:
    return Customer(customer_id=customer_id, known=True, version=1, **fields)  # type: ignore[arg-type]


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    tree=strategies.trees,
    people=st.lists(st.tuples(strategies.customers, st.lists(strategies.orders, max_size=4)), max_size=6),
    zone=st.sampled_from(ZONES),
)
def test_compile_agrees_with_match_on_every_rule_and_customer(
    tree: dict[str, object], people: list[tuple[Customer, list[Order]]], zone: tzinfo
) -> None:
    try:
        rules = parse(tree, zone=zone)
    except Invalid:  # a `between` whose bounds were drawn the wrong way round
        assume(False)
    placed = [
        (who, [replace(each, customer_id=who.customer_id) for each in orders]) for who, orders in people
    ]
    shot = snapshot([who for who, _ in placed], [each for _, orders in placed for each in orders])

    chosen = matched(shot, rules, zone)

    expected = [
        who.customer_id for who, orders in placed if who.known and match(rules, who, orders, NOW, zone).holds
    ]
    assert chosen == sorted(expected)


def crowd(size: int) -> list[tuple[Customer, list[Order]]]:
    """The same people every time, drawn as above."""
    drawn: list[tuple[Customer, list[Order]]] = []

    @seed(20260329)
    @settings(max_examples=size, database=None, suppress_health_check=list(HealthCheck))
    @given(strategies.customers, st.lists(strategies.orders, max_size=3))
    def draw(who: Customer, orders: list[Order]) -> None:
        known = replace(who, customer_id=f"C{len(drawn):03}", known=True)
        placed = [
            replace(each, order_id=f"{known.customer_id}-{place}", customer_id=known.customer_id)
            for place, each in enumerate(orders)
        ]
        drawn.append((known, placed))

    draw()
    return drawn


def every_condition(fields: Sequence[Field]) -> Iterator[dict[str, object]]:
    for field in fields:
        for operator in OPERATORS[field.kind]:
            values = strategies.single_values(field, operator)
            if operator in ("null", "notNull"):
                values = [None]
            elif operator in ("in", "notIn", "between", "notBetween"):
                values = [list(pair) for step in (1, 3) for pair in zip(values, values[step:], strict=False)]
            yield from ({"field": field.name, "operator": operator, "value": value} for value in values)


def test_compile_agrees_with_match_on_every_operator_of_every_field() -> None:
    people = crowd(30)
    shot = snapshot([who for who, _ in people], [each for _, orders in people for each in orders])
    conditions = list(every_condition(strategies.FIELDS))
    for inner in every_condition(list(ORDER_FIELDS.values())):
        where = {"combinator": "and", "rules": [inner]}
        conditions.append({"field": "orders", "match": {"mode": "atLeast", "threshold": 1}, "value": where})
    checked = 0
    for condition in conditions:
        try:
            rules = parse({"combinator": "and", "rules": [condition]}, zone=BERLIN)
        except Invalid:  # a `between` whose bounds stand the wrong way round
            continue
        expected = [who.customer_id for who, orders in people if match(rules, who, orders, NOW, BERLIN).holds]
        assert matched(shot, rules, BERLIN) == expected, condition
        checked += 1
    assert checked > 2000


def holds(tree: object, who: Customer, orders: Sequence[Order] = (), zone: tzinfo = UTC) -> bool:
    """What both engines say, and they must say the same."""
    rules = parse(tree, zone=zone)
    counted = matched(snapshot([who], orders), rules, zone)
    explained = match(rules, who, orders, NOW, zone).holds
    assert counted == ([who.customer_id] if explained else [])
    return explained


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        # money is exact
        ("total_spend", ">", "1000", False),
        ("total_spend", ">=", "1000", True),
        ("total_spend", "=", 1000, True),
        ("total_spend", "!=", 1000, False),
        ("total_spend", ">", 999.9999, True),
        ("total_spend", ">", "999.99999", True),
        ("total_spend", "=", "1000.00001", False),
        ("total_spend", "<", "1000.00001", True),
        ("total_spend", "between", [1000, 1000], True),
        ("total_spend", "notBetween", [1000, 2000], False),
        ("total_spend", "in", "1,1000", True),
        # text
        ("city", "=", "Leeds", True),
        ("city", "=", "leeds", False),
        ("city", "!=", "leeds", True),
        ("city", "in", ["york", "leeds"], False),
        ("city", "notIn", ["york", "leeds"], True),
        ("city", "contains", "EED", True),
        ("city", "contains", ".*", False),
        ("city", "doesNotContain", "eed", False),
        ("city", "beginsWith", "lE", True),
        ("city", "endsWith", "DS", True),
        ("city", "null", None, False),
        ("city", "notNull", None, True),
        # what is missing compares with nothing
        ("country", "=", "x", False),
        ("country", "!=", "x", False),
        ("country", "notIn", ["x"], False),
        ("country", "doesNotContain", "x", False),
        ("visits", "<", 5, False),
        ("visits", "notBetween", [1, 2], False),
        ("last_active_at", "<", "2030-01-01", False),
        ("last_active_at", "!=", "2030-01-01", False),
        ("consents.sms", "!=", True, False),
        ("country", "null", None, True),
        ("attributes.nothing", "!=", "x", False),
        ("attributes.nothing", "null", None, True),
        ("attributes.nothing", "notNull", None, False),
        # tags are had or not
        ("tags", "contains", "vip", True),
        ("tags", "contains", "VIP", False),
        ("tags", "contains", "vi", False),
        ("tags", "doesNotContain", "vip", False),
        ("tags", "doesNotContain", "old", True),
        ("tags", "in", ["old", "vip"], True),
        ("tags", "notIn", ["old", "vip"], False),
        ("tags", "null", None, False),
        ("tags", "notNull", None, True),
        # consent
        ("consent", "=", True, True),
        ("consent", "!=", "true", False),
        ("consents.email", "=", False, True),
        # attributes compare as what they are
        ("attributes.size", "=", "38", True),
        ("attributes.size", ">=", 38, True),
        ("attributes.size", "<", "38", False),
        ("attributes.size", "=", "gold", False),
        ("attributes.size", "!=", "gold", True),
        ("attributes.size", "contains", "3", False),
        ("attributes.tier", "=", "gold", True),
        ("attributes.tier", "contains", "OL", True),
        ("attributes.tier", ">", 5, False),
        ("attributes.since", "<", "2025-01-02", True),
        ("attributes.since", "=", "2025-01-01", True),
        ("attributes.since", "between", ["2024-01-01", "2025-01-01"], True),
        ("attributes.opted", "=", "true", True),
        ("attributes.opted", "!=", True, False),
        # days
        ("birthday", "=", "1990-05-17", True),
        ("birthday", "<=", "1990-05-16", False),
        ("birthday", "in", ["1990-05-16", "1990-05-17"], True),
    ],
)
def test_an_operator(field: str, operator: str, value: object, expected: bool) -> None:
    mira = person(
        "C1",
        city="Leeds",
        birthday=date(1990, 5, 17),
        tags=("new", "vip"),
        consents={"email": False},
        attributes={"size": 38.0, "tier": "gold", "since": date(2025, 1, 1), "opted": True},
        totals=Totals(total_spend=10_000_000, order_count=2),
    )

    assert holds(rule(field, operator, value), mira) is expected


def test_tags_of_a_customer_without_tags() -> None:
    assert holds(rule("tags", "doesNotContain", "vip"), person("C1"))
    assert holds(rule("tags", "null"), person("C1"))
    assert not holds(rule("tags", "in", ["vip"]), person("C1"))


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("=", "2026-03-29", True),
        ("=", "2026-03-28", False),
        ("<", "2026-03-29", False),
        ("<=", "2026-03-29", True),
        (">", "2026-03-28", True),
        (">", "2026-03-29", False),
        (">=", "2026-03-29", True),
        ("between", "2026-03-28,2026-03-29", True),
        ("notBetween", "2026-03-28,2026-03-29", False),
        ("in", ["2026-03-29"], True),
        ("=", "2026-03-29T23:30", True),
        ("=", "2026-03-29T21:30:00Z", True),
        ("<", "2026-03-29T21:30:00.000001Z", True),
    ],
)
def test_a_day_is_that_day_in_the_zone(operator: str, value: object, expected: bool) -> None:
    """21:30 in UTC is 23:30 in Berlin on the day the clocks went forward, still the 29th."""
    who = person("C1", last_active_at=datetime(2026, 3, 29, 21, 30, tzinfo=UTC))

    assert holds(rule("last_active_at", operator, value), who, zone=BERLIN) is expected


def relative(offset: int, unit: str) -> dict[str, object]:
    return {"mode": "relative", "anchor": "now", "offset": offset, "unit": unit}


def test_relative_times_count_from_now_to_the_second() -> None:
    before = rule("last_active_at", "<", relative(-90, "day"))

    assert holds(before, person("C1", last_active_at=NOW - timedelta(days=90, microseconds=1)))
    assert not holds(before, person("C1", last_active_at=NOW - timedelta(days=90)))
    assert holds(rule("last_active_at", ">=", relative(-2, "hour")), person("C1", last_active_at=NOW))


def test_equal_to_a_relative_day_means_the_whole_day() -> None:
    yesterday = rule("last_active_at", "=", relative(-1, "day"))

    assert holds(yesterday, person("C1", last_active_at=datetime(2026, 3, 28, 0, 0, tzinfo=UTC)))
    assert not holds(yesterday, person("C1", last_active_at=datetime(2026, 3, 29, 0, 0, tzinfo=UTC)))


def placed(number: int, **fields: object) -> Order:
    known: dict[str, object] = {
        "order_id": f"O{number}",
        "customer_id": "C1",
        "amount": 100_000,
        "currency": "GBP",
        "status": "completed",
        "category": "shoes",
        "placed_at": NOW - timedelta(days=number),
        "updated_at": NOW,
        "version": 1,
    }
    return Order(**{**known, **fields})  # type: ignore[arg-type]


def behaviour(mode: str, threshold: int, *rules: Mapping[str, object]) -> dict[str, object]:
    where = {"combinator": "and", "rules": list(rules)}
    node = {"field": "orders", "match": {"mode": mode, "threshold": threshold}, "value": where}
    return {"combinator": "and", "rules": [node]}


@pytest.mark.parametrize(
    ("mode", "threshold", "expected"),
    [
        ("atLeast", 2, True),
        ("atLeast", 3, False),
        ("atMost", 2, True),
        ("atMost", 1, False),
        ("exactly", 2, True),
        ("exactly", 1, False),
        ("none", 0, False),
    ],
)
def test_an_order_condition_counts_completed_orders_that_fit(
    mode: str, threshold: int, expected: bool
) -> None:
    orders = [
        placed(1),
        placed(2),
        placed(3, category="hats"),
        placed(4, category=None),
        placed(5, status="cancelled"),
        placed(40),
    ]
    shoes = {"field": "category", "operator": "=", "value": "shoes"}
    recently = {"field": "placed_at", "operator": ">", "value": relative(-30, "day")}

    assert holds(behaviour(mode, threshold, shoes, recently), person("C1"), orders) is expected


def test_an_order_condition_on_status_counts_orders_of_that_status() -> None:
    cancelled = {"field": "status", "operator": "=", "value": "cancelled"}
    orders = [placed(1), placed(2, status="cancelled")]

    assert holds(behaviour("exactly", 1, cancelled), person("C1"), orders)
    assert holds(behaviour("exactly", 2, {**cancelled, "operator": "notNull"}), person("C1"), orders)


def summed(mode: str, threshold: object, *rules: Mapping[str, object]) -> dict[str, object]:
    where = {"combinator": "and", "rules": list(rules)}
    wanted = {"mode": mode, "threshold": threshold, "sum": "amount"}
    return {"combinator": "and", "rules": [{"field": "orders", "match": wanted, "value": where}]}


@pytest.mark.parametrize(
    ("mode", "threshold", "expected"),
    [
        ("atLeast", 25, True),
        ("atLeast", "25.0001", False),
        ("atLeast", "25.00001", False),
        ("atMost", 25, True),
        ("atMost", "24.9999", False),
        ("exactly", "25", True),
        ("exactly", "25.00001", False),
    ],
)
def test_amounts_of_orders_that_fit_are_summed(mode: str, threshold: object, expected: bool) -> None:
    """30 spent on shoes, 5 given back, and what does not count."""
    orders = [
        placed(1, amount=300_000),
        placed(2, amount=-50_000),
        placed(3, category="hats"),
        placed(4, status="cancelled"),
        placed(40),
    ]
    shoes = {"field": "category", "operator": "=", "value": "shoes"}
    recently = {"field": "placed_at", "operator": ">", "value": relative(-30, "day")}

    assert holds(summed(mode, threshold, shoes, recently), person("C1"), orders) is expected


def test_a_sum_over_no_orders_is_zero() -> None:
    positive = {"field": "amount", "operator": ">", "value": 0}

    assert not holds(summed("atLeast", "0.0001", positive), person("C1"))
    assert holds(summed("atMost", 1, positive), person("C1"))


def test_sums_are_exact_beyond_the_precision_of_floats() -> None:
    orders = [placed(number, amount=10**13 - number % 2) for number in range(901)]
    positive = {"field": "amount", "operator": ">", "value": 0}
    total = f"{Decimal(901 * 10**13 - 450) / 10_000}"

    assert holds(summed("exactly", total, positive), person("C1"), orders)


@pytest.mark.parametrize(
    ("birthday", "operator", "value", "expected"),
    [
        (date(1990, 3, 29), "=", 0, True),
        (date(1990, 4, 5), "<=", 7, True),
        (date(1990, 4, 6), "<=", 7, False),
        (date(1990, 3, 28), "<=", 7, False),
        (date(1990, 3, 28), "=", 364, True),
        (date(2000, 2, 29), "=", 336, True),
        (date(1990, 4, 5), "!=", 7, False),
        (None, "<=", 365, False),
        (None, "null", None, True),
    ],
)
def test_days_to_a_birthday(birthday: date | None, operator: str, value: object, expected: bool) -> None:
    """Counted from 29 March 2026; the next February has 28 days."""
    assert holds(rule("days_to_birthday", operator, value), person("C1", birthday=birthday)) is expected


def test_the_day_of_a_birthday_is_that_of_the_zone() -> None:
    who = person("C1", birthday=date(1990, 3, 29))

    assert holds(rule("days_to_birthday", "=", 0), who, zone=BERLIN)
    assert not holds(rule("days_to_birthday", "=", 0), who, zone=ZoneInfo("Pacific/Kiritimati"))


def test_an_attribute_with_values_of_two_kinds_finds_both() -> None:
    shot = snapshot([person("C1", attributes={"size": 38.0}), person("C2", attributes={"size": "38"})])

    assert found(shot, rule("attributes.size", "=", "38")) == ["C1", "C2"]
    assert found(shot, rule("attributes.size", "!=", "40")) == ["C1", "C2"]
    assert found(shot, rule("attributes.size", ">=", 38)) == ["C1"]
    assert found(shot, rule("attributes.size", "contains", "8")) == ["C2"]


def test_a_list_may_have_ten_thousand_values() -> None:
    shot = snapshot([person("C1", city="Leeds", visits=7), person("C2", city="York", visits=10_007)])
    names = [f"City {number}" for number in range(9_999)]

    assert found(shot, rule("city", "in", [*names, "York"])) == ["C2"]
    assert found(shot, rule("city", "notIn", [*names, "York"])) == ["C1"]
    assert found(shot, rule("email", "in", [*names, "York"])) == []
    assert found(shot, rule("visits", "in", list(range(10_000)))) == ["C1"]
    days = [f"{date(2000, 1, 1) + timedelta(days=number)}" for number in range(10_000)]
    assert found(shot, rule("last_active_at", "in", days)) == []


def test_an_order_condition_on_a_customer_without_orders() -> None:
    positive = {"field": "amount", "operator": ">", "value": 0}

    assert holds(behaviour("none", 0, positive), person("C1"))
    assert holds(behaviour("atMost", 1, positive), person("C1"))
    assert not holds(behaviour("atLeast", 1, positive), person("C1"))


def test_empty_rules_match_every_known_customer() -> None:
    shot = snapshot([person("C2"), person("C1"), Customer(customer_id="C3", version=1)])

    assert found(shot, {"combinator": "or", "rules": [], "all": True}) == ["C1", "C2"]
    assert found(shot, rule("visits", "null")) == ["C1", "C2"]


def test_an_empty_audience_has_no_members() -> None:
    assert found(snapshot([]), {"combinator": "and", "rules": [], "all": True}) == []
    assert found(snapshot([]), behaviour("none", 0, {"field": "amount", "operator": ">", "value": 0})) == []
