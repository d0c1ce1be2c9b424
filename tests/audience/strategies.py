"""Random rule trees, customers and orders, drawn from few values so that rules and people often meet."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from crm.domain.customers import Customer, Totals
from crm.domain.fields import CUSTOMER_FIELDS, OPERATORS, ORDER_FIELDS, Field
from crm.domain.orders import Order
from crm.domain.records import CHANNELS

NOW = datetime(2026, 3, 29, 10, 30, 0, 250_000, tzinfo=UTC)
"""The day on which European clocks go forward."""

TEXTS = st.sampled_from(
    ["Leeds", "leeds", "LEEDS ", "München", "MÜNCHEN", "a.b", "A_B%", "Σίσυφος", "ΣΊΣΥΦΟΣ", "İ", "ß", "1"]
)
TAGS = st.sampled_from(["vip", "VIP", "new", "é"])
DAYS = st.sampled_from(
    [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30), date(2025, 12, 29), date(1990, 2, 28)]
)
INSTANTS = st.builds(
    lambda day, hours, rest: (
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours) + rest
    ),
    DAYS,
    st.integers(-2, 26),
    st.sampled_from(
        [timedelta(0), timedelta(microseconds=1), timedelta(minutes=30), timedelta(microseconds=-1)]
    ),
)
MONEY = st.sampled_from([-10_000, -1, 0, 1, 9_999, 10_000, 10_001, 123_400, 10**17])
FLOATS = st.sampled_from([-1.5, -0.0, 0.0, 0.1, 0.3, 1.0, 38.0, 1e15])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["size", "tier"]),
    st.one_of(TEXTS, FLOATS, DAYS, st.booleans(), st.just("38"), st.just("true")),
)
STATUSES = st.sampled_from(["pending", "completed", "cancelled", "refunded"])

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

_RELATIVE = st.builds(
    lambda offset, unit: {"mode": "relative", "anchor": "now", "offset": offset, "unit": unit},
    st.integers(-4, 2),
    st.sampled_from(["hour", "day", "week", "month", "year"]),
)
_MOMENTS = st.one_of(DAYS.map(str), INSTANTS.map(datetime.isoformat), st.just("2026-03-29T02:30"), _RELATIVE)
_NUMBERS = st.sampled_from([-1, 0, 1, 2, 3, 0.9999, 0.00005, "1.0001", "12.34", 10**13])
_LOOSE = st.one_of(
    TEXTS, FLOATS.filter(lambda x: x < 1e14), DAYS.map(str), st.booleans(), st.sampled_from(["38", "true"])
)
_ORDERED = {"<", "<=", ">", ">=", "between", "notBetween"}
_PARTS = {"contains", "doesNotContain", "beginsWith", "endsWith"}


def _values(field: Field, operator: str) -> st.SearchStrategy[object]:
    match field.kind:
        case "number" | "money":
            one: st.SearchStrategy[object] = _NUMBERS
        case "day" | "instant":
            one = _MOMENTS
        case "flag":
            one = st.booleans()
        case "choice":
            one = STATUSES
        case "tags":
            one = TAGS
        case "attribute" if operator in _PARTS:
            one = TEXTS
        case "attribute":
            one = st.one_of(_NUMBERS, _MOMENTS) if operator in _ORDERED else _LOOSE
        case _:
            one = TEXTS
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


_FIELDS = [
    *CUSTOMER_FIELDS.values(),
    Field("attributes.size", "size", "attribute"),
    Field("attributes.none", "none", "attribute"),
]
_order_rules = _conditions(list(ORDER_FIELDS.values()))
_behaviours = st.builds(
    lambda mode, threshold, where: {
        "field": "orders",
        "match": {"mode": mode, "threshold": threshold},
        "value": where,
    },
    st.sampled_from(["atLeast", "atMost", "exactly", "none"]),
    st.integers(1, 2),
    _groups(st.one_of(_order_rules, _groups(_order_rules, 2)), 2),
)
_leaves = st.one_of(_conditions(_FIELDS), _behaviours)
trees = _groups(st.one_of(_leaves, _groups(st.one_of(_leaves, _groups(_leaves, 2)), 2)), 3)
"""Rule trees as JSON, up to three deep. A `between` may stand the wrong way round."""
