"""The fields of customers and orders that rules can use, and the operators of each kind of field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from crm.customers.customer import TOTALS
from crm.customers.fields import PROFILE, FieldSpec
from crm.customers.fields import Kind as StoredKind
from crm.customers.order import ORDER
from crm.customers.values import ATTRIBUTE_NAME, CHANNELS, OrderStatus

Kind = StoredKind | Literal["attribute"]
"""An `attribute` has the kind of each customer's own value."""

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
"""A negative operator holds where a value exists and the positive operator does not hold."""

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
"""The field of an order condition: how many matching orders a customer has."""

DAYS_TO_BIRTHDAY: Final = "days_to_birthday"
"""Days from today to the next birthday, 0 on the day itself. Computed, not stored."""

ATTRIBUTES: Final = "attributes."
CONSENTS: Final = "consents."


@dataclass(frozen=True, slots=True)
class Field:
    """A field by the name that rules use."""

    name: str
    label: str
    kind: Kind
    choices: tuple[str, ...] = ()
    """The only values, where they are fixed."""
    counted: str = ""
    """What a number counts, in the singular."""
    few_values: bool = False
    """Whether many customers or orders share one text."""


def _registered(specs: Mapping[str, FieldSpec]) -> Iterator[Field]:
    for name, spec in specs.items():
        if spec.in_rules:
            yield Field(name, spec.label, spec.kind, spec.choices, spec.counted, spec.few_values)


_ASKED_FIRST: Final = (
    *("total_spend", "order_count", "last_order_at", "first_order_at", "visits", "last_active_at"),
    *("tags", "country", "city", "created_at", "birthday", DAYS_TO_BIRTHDAY, "name", "email", "phone"),
    *("placed_at", "amount", "category"),
)
"""The order in which the rule builder offers fields; the others follow."""


def _offered(*fields: Field) -> Mapping[str, Field]:
    last = len(_ASKED_FIRST)
    rank = {name: place for place, name in enumerate(_ASKED_FIRST)}
    return {field.name: field for field in sorted(fields, key=lambda field: rank.get(field.name, last))}


CUSTOMER_FIELDS: Final = _offered(
    *_registered(TOTALS),
    *_registered(PROFILE),
    *(Field(CONSENTS + channel, f"consent for {channel}", "flag") for channel in CHANNELS),
    Field(DAYS_TO_BIRTHDAY, "days to birthday", "number"),
)

ORDER_FIELDS: Final = _offered(*_registered(ORDER))

COUNTED_STATUS: Final[OrderStatus] = "completed"
"""The status of the orders that count when a rule does not mention the status."""


def customer_field(name: str) -> Field | None:
    """The field of this name, also `attributes.<name>`; None for an unknown name."""
    attribute = name.removeprefix(ATTRIBUTES)
    if attribute != name and ATTRIBUTE_NAME.fullmatch(attribute):
        return Field(name, attribute.replace("_", " "), "attribute")
    return CUSTOMER_FIELDS.get(name)
