"""The field catalogue: what the rule builder offers, with the values that customers have."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import polars as pl

from crm.audience.snapshot import Snapshot
from crm.domain.fields import (
    ATTRIBUTES,
    CUSTOMER_FIELDS,
    OPERATORS,
    ORDER_FIELDS,
    ORDERS,
    Field,
    Kind,
    Operator,
)
from crm.domain.rules import MATCH_MODES

MAX_VALUES: Final = 200
"""Values offered of one field; one with more is typed in."""

_LABELS: Final[dict[Operator, str]] = {
    "=": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
    "between": "is between",
    "notBetween": "is not between",
    "in": "is one of",
    "notIn": "is none of",
    "contains": "contains",
    "doesNotContain": "does not contain",
    "beginsWith": "begins with",
    "endsWith": "ends with",
    "null": "is missing",
    "notNull": "is known",
}
_TIME_LABELS: Final[dict[Operator, str]] = {
    "=": "on",
    "!=": "not on",
    "<": "before",
    "<=": "on or before",
    ">": "after",
    ">=": "on or after",
}
_TAG_LABELS: Final[dict[Operator, str]] = {
    "contains": "has",
    "doesNotContain": "does not have",
    "in": "has one of",
    "notIn": "has none of",
    "null": "has none at all",
    "notNull": "has any",
}
_MODE_LABELS: Final = {"atLeast": "at least", "atMost": "at most", "exactly": "exactly", "none": "none"}
_INPUTS: Final[dict[Kind, str]] = {"number": "number", "money": "number", "day": "date", "instant": "date"}
_EDITORS: Final[dict[Kind, str]] = {"flag": "checkbox", "choice": "select", "tags": "select"}


def catalogue(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The fields in react-querybuilder's JSON, most asked for first.

    `kind` is ours: text, number, money, day, instant, flag, choice, tags, attribute or orders. The field
    `orders` has `matchModes`, and the fields of an order as `subproperties`.
    """
    customers = [_field(field, _values(snapshot, field)) for field in CUSTOMER_FIELDS.values()]
    attributes = [_attribute(name, frame) for name, frame in sorted(snapshot.attributes.items())]
    orders = [
        _field(field, field.choices or _values_of_orders(snapshot, field)) for field in ORDER_FIELDS.values()
    ]
    behaviour = {
        "name": ORDERS,
        "label": "orders",
        "kind": "orders",
        "matchModes": [{"name": mode, "label": _MODE_LABELS[mode]} for mode in MATCH_MODES],
        "subproperties": {"fields": orders},
    }
    return [*customers[:4], behaviour, *customers[4:], *attributes]


def _field(field: Field, values: Sequence[str]) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind,
        "inputType": _INPUTS.get(field.kind, "text"),
        "valueEditorType": _EDITORS.get(field.kind, "text") if values or field.kind == "flag" else "text",
        "operators": _operators(field.kind, OPERATORS[field.kind]),
        "values": [{"name": value, "label": value} for value in values],
    }


def _attribute(name: str, frame: pl.DataFrame) -> dict[str, Any]:
    """An attribute, offered as the kind that most customers have of it."""
    kinds: dict[str, Kind] = {"text": "text", "number": "number", "day": "day", "flag": "flag"}
    counts = {kind: frame[column].count() for column, kind in kinds.items()}
    kind = max(counts, key=lambda each: counts[each])
    values = _distinct(frame["text"]) if kind == "text" else ()
    return _field(Field(ATTRIBUTES + name, name.replace("_", " "), kind), values)


def _operators(kind: Kind, names: Iterable[Operator]) -> list[dict[str, str]]:
    labels = dict(_LABELS)
    if kind in ("day", "instant"):
        labels |= _TIME_LABELS
    if kind == "tags":
        labels |= _TAG_LABELS
    return [{"name": name, "label": labels[name]} for name in names]


def _values(snapshot: Snapshot, field: Field) -> Sequence[str]:
    if field.kind == "tags":
        return sorted(snapshot.tags) if len(snapshot.tags) <= MAX_VALUES else ()
    return _distinct(snapshot.customers[field.name]) if field.name in ("country", "city") else ()


def _values_of_orders(snapshot: Snapshot, field: Field) -> Sequence[str]:
    return _distinct(snapshot.orders[field.name]) if field.name == "category" else ()


def _distinct(column: pl.Series) -> Sequence[str]:
    values = column.drop_nulls().unique().sort().to_list()
    return values if len(values) <= MAX_VALUES else ()
