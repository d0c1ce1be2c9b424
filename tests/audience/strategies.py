"""Random rule trees, customers and orders, drawn from few values so that rules and people often meet."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from crm.audience.rules.fields import CUSTOMER_FIELDS, OPERATORS, ORDER_FIELDS, Field
from crm.customers.customer import Customer, Totals
from crm.customers.order import Order
from crm.customers.values import CHANNELS

NOW = datetime(2026, 3, 29, 10, 30, 0, 250_000, tzinfo=UTC)
"""The day on which European clocks go forward."""

_TEXTS = (
    "Leeds",
    "leeds",
    "LEEDS ",
    "München",
    "MÜNCHEN",
    "a.b",
    "A_B%",
    "Σίσυφος",
    "ΣΊΣΥΦΟΣ",
    "İ",
    "ß",
    "1",
)
_TAGS = ("vip", "VIP", "new", "é")
_STATUSES = ("pending", "completed", "cancelled", "refunded")
_FLOATS = (-1.5, -0.0, 0.0, 0.1, 0.3, 1.0, 38.0, 1e15)

TEXTS = st.sampled_from(_TEXTS)
TAGS = st.sampled_from(_TAGS)
DAYS = st.sampled_from(
    [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30), date(2025, 12, 29), date(1990, 2, 28)]
)
INSTANTS = st.builds(
    lambda day, hours, rest: (
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours) + rest
    ),
    DAYS,
    st.sampled_from([-2, -1, 0, 1, 10, 21, 22, 23, 24]),
    st.sampled_from(
        [timedelta(0), timedelta(microseconds=1), timedelta(minutes=30), timedelta(microseconds=-1)]
    ),
)
MONEY = st.sampled_from([-10_000, -1, 0, 1, 9_999, 10_000, 10_001, 123_400, 10**17])
FLOATS = st.sampled_from(_FLOATS)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["size", "tier"]),
    st.one_of(TEXTS, FLOATS, DAYS, st.booleans(), st.just("38"), st.just("true")),
)
STATUSES = st.sampled_from(_STATUSES)

orders = st.builds(
    Order,
    order_id=st.uuids().map(str),
    customer_id=st.just(""),
    amount=MONEY,
    currency=st.just("GBP"),
    status=STATUSES,
    category=st.none() | TEXTS,
    placed_at=INSTANTS,
    updated_at=st.just(NOW),
    version=st.just(1),
)

customers = st.builds(
    Customer,
    customer_id=st.uuids().map(str),
    known=st.sampled_from([True, True, True, False]),
    email=st.none() | TEXTS,
    phone=st.none() | TEXTS,
    name=st.none() | TEXTS,
    city=st.none() | TEXTS,
    country=st.none() | TEXTS,
    birthday=st.none() | DAYS,
    created_at=st.none() | INSTANTS,
    visits=st.none() | st.integers(0, 4),
    last_active_at=st.none() | INSTANTS,
    tags=st.sets(TAGS).map(lambda tags: tuple(sorted(tags))),
    consent=st.booleans(),
    consents=st.dictionaries(st.sampled_from(CHANNELS), st.booleans()),
    attributes=ATTRIBUTES,
    suppressions=st.dictionaries(st.sampled_from(CHANNELS), st.just("bounced")),
    totals=st.builds(
        Totals,
        total_spend=MONEY,
        order_count=st.integers(0, 4),
        first_order_at=st.none() | INSTANTS,
        last_order_at=st.none() | INSTANTS,
    ),
    version=st.integers(1, 9),
)

_RELATIVE: list[object] = [
    {"mode": "relative", "anchor": "now", "offset": offset, "unit": unit}
    for offset in (-3, -1, 0, 1)
    for unit in ("hour", "day", "week", "month", "year")
]
_MOMENTS: list[object] = [
    *["2026-03-28", "2026-03-29", "2026-03-30", "2025-12-29", "1990-02-28"],
    *[
        "2026-03-29T00:00:00Z",
        "2026-03-29T02:30",
        "2026-03-29T10:30:00.250000Z",
        "2026-03-28T23:00:00.000001Z",
    ],
    *_RELATIVE,
]
_NUMBERS: list[object] = [-1, 0, 1, 2, 3, 0.9999, 0.00005, "1.0001", "12.34", 38, 10**13]
_LOOSE: list[object] = [*_TEXTS, *_FLOATS[:-1], "2026-03-29", "1990-02-28", "38", "true", True, False]
_ORDERED = ("<", "<=", ">", ">=", "between", "notBetween")
_PARTS = ("contains", "doesNotContain", "beginsWith", "endsWith")
_OF_KIND: dict[str, list[object]] = {
    "number": _NUMBERS,
    "money": _NUMBERS,
    "day": _MOMENTS,
    "instant": _MOMENTS,
    "flag": [True, False],
    "choice": list(_STATUSES),
    "tags": list(_TAGS),
}


def single_values(field: Field, operator: str) -> list[object]:
    """Values that a condition on the field can be compared with, one at a time."""
    if field.kind == "attribute" and operator not in _PARTS:
        return [*_NUMBERS, *_MOMENTS] if operator in _ORDERED else _LOOSE
    return _OF_KIND.get(field.kind, list(_TEXTS))


def _values(field: Field, operator: str) -> st.SearchStrategy[object]:
    one = st.sampled_from(single_values(field, operator))
    if operator in ("in", "notIn"):
        return st.lists(one, min_size=1, max_size=3)
    if operator in ("between", "notBetween"):
        return st.lists(one, min_size=2, max_size=2)
    return one


def _conditions(fields: list[Field]) -> st.SearchStrategy[dict[str, object]]:
    return st.sampled_from(fields).flatmap(
        lambda field: st.sampled_from(OPERATORS[field.kind]).flatmap(
            lambda operator: _values(field, operator).map(
                lambda value: {"field": field.name, "operator": operator, "value": value}
            )
        )
    )


def _groups(rules: st.SearchStrategy[dict[str, object]], size: int) -> st.SearchStrategy[dict[str, object]]:
    return st.builds(
        lambda combinator, negated, nodes: {"combinator": combinator, "not": negated, "rules": nodes},
        st.sampled_from(["and", "or"]),
        st.booleans(),
        st.lists(rules, min_size=1, max_size=size),
    )


FIELDS = [
    *CUSTOMER_FIELDS.values(),
    Field("attributes.size", "size", "attribute"),
    Field("attributes.none", "none", "attribute"),
]
_order_rules = _conditions(list(ORDER_FIELDS.values()))
_matches = st.builds(
    lambda mode, threshold: {"mode": mode, "threshold": threshold},
    st.sampled_from(["atLeast", "atMost", "exactly", "none"]),
    st.integers(1, 2),
) | st.builds(
    lambda mode, threshold: {"mode": mode, "threshold": threshold, "sum": "amount"},
    st.sampled_from(["atLeast", "atMost", "exactly"]),
    st.sampled_from([0.0001, 1, "1.0001", "1.00001", 24.68, 10**13]),
)
_behaviours = st.builds(
    lambda match, where: {"field": "orders", "match": match, "value": where},
    _matches,
    _groups(st.one_of(_order_rules, _groups(_order_rules, 2)), 2),
)
_leaves = st.one_of(_conditions(FIELDS), _behaviours)
trees = _groups(st.one_of(_leaves, _groups(st.one_of(_leaves, _groups(_leaves, 2)), 2)), 3)
"""Rule trees as JSON, up to three deep. A `between` may stand the wrong way round."""
