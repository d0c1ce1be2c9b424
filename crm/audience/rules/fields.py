"""What a rule can ask about: fields of customers and their orders, and the operators that fit each kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from crm.customers.records import ATTRIBUTE_NAME, CHANNELS, OrderStatus

Kind = Literal["text", "number", "money", "day", "instant", "flag", "choice", "tags", "attribute"]
"""`day` is a date without a time. An `attribute` is of whatever kind each customer's own value has."""

Operator = Literal[
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "between",
    "notBetween",
    "in",
    "notIn",
    "contains",
    "doesNotContain",
    "beginsWith",
    "endsWith",
    "null",
    "notNull",
]

ALL_OPERATORS: Final = get_args(Operator)

POSITIVE: Final[Mapping[str, Operator]] = {
    "!=": "=",
    "notIn": "in",
    "notBetween": "between",
    "doesNotContain": "contains",
}
"""A negative operator holds where there is a value and the positive one does not hold."""

_EQUAL: Final[tuple[Operator, ...]] = ("=", "!=")
_ORDER: Final[tuple[Operator, ...]] = ("<", "<=", ">", ">=", "between", "notBetween")
_LIST: Final[tuple[Operator, ...]] = ("in", "notIn")
_TEXT: Final[tuple[Operator, ...]] = ("contains", "doesNotContain", "beginsWith", "endsWith")
_NULL: Final[tuple[Operator, ...]] = ("null", "notNull")

OPERATORS: Final[Mapping[Kind, tuple[Operator, ...]]] = {
    "text": _EQUAL + _LIST + _TEXT + _NULL,
    "number": _EQUAL + _ORDER + _LIST + _NULL,
    "money": _EQUAL + _ORDER + _LIST + _NULL,
    "day": _EQUAL + _ORDER + _LIST + _NULL,
    "instant": _EQUAL + _ORDER + _LIST + _NULL,
    "flag": _EQUAL + _NULL,
    "choice": _EQUAL + _LIST + _NULL,
    "tags": ("contains", "doesNotContain", *_LIST, *_NULL),
    "attribute": _EQUAL + _ORDER + _LIST + _TEXT + _NULL,
}

ORDERS: Final = "orders"
"""The field of a rule about behaviour: how many orders of a certain sort a customer has placed."""

DAYS_TO_BIRTHDAY: Final = "days_to_birthday"
"""How many days from today to the next birthday, 0 on the day itself: computed, not stored."""

ATTRIBUTES: Final = "attributes."
CONSENTS: Final = "consents."


@dataclass(frozen=True, slots=True)
class Field:
    """A field by the name that rules use. `label` is for people; `choices` are its only values, if fixed."""

    name: str
    label: str
    kind: Kind
    choices: tuple[str, ...] = ()


def _by_name(*fields: Field) -> Mapping[str, Field]:
    return {field.name: field for field in fields}


CUSTOMER_FIELDS: Final = _by_name(
    Field("total_spend", "total spend", "money"),
    Field("order_count", "number of orders", "number"),
    Field("last_order_at", "last order", "instant"),
    Field("first_order_at", "first order", "instant"),
    Field("visits", "visits", "number"),
    Field("last_active_at", "last active", "instant"),
    Field("tags", "tags", "tags"),
    Field("country", "country", "text"),
    Field("city", "city", "text"),
    Field("created_at", "customer since", "instant"),
    Field("birthday", "birthday", "day"),
    Field(DAYS_TO_BIRTHDAY, "days to birthday", "number"),
    Field("name", "name", "text"),
    Field("email", "e-mail", "text"),
    Field("phone", "phone", "text"),
    Field("customer_id", "customer id", "text"),
    Field("consent", "consent", "flag"),
    *(Field(CONSENTS + channel, f"consent for {channel}", "flag") for channel in CHANNELS),
)

ORDER_FIELDS: Final = _by_name(
    Field("placed_at", "placed", "instant"),
    Field("amount", "amount", "money"),
    Field("category", "category", "text"),
    Field("status", "status", "choice", get_args(OrderStatus)),
)

COUNTED_STATUS: Final[OrderStatus] = "completed"
"""The status that an orders rule counts when it does not speak of status itself."""


def customer_field(name: str) -> Field | None:
    """The customer's field of this name, an attribute's included; None where there is none."""
    attribute = name.removeprefix(ATTRIBUTES)
    if attribute != name and ATTRIBUTE_NAME.fullmatch(attribute):
        return Field(name, attribute.replace("_", " "), "attribute")
    return CUSTOMER_FIELDS.get(name)
