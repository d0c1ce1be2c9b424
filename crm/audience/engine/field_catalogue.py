"""The field catalogue: what the rule builder offers, with the values that customers have."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from crm.audience.engine.numbers import Mask
from crm.audience.engine.parts import Part
from crm.audience.engine.snapshot import Snapshot
from crm.audience.rules.fields import (
    ATTRIBUTES,
    CUSTOMER_FIELDS,
    OPERATORS,
    ORDER_FIELDS,
    ORDERS,
    Field,
    Kind,
    Operator,
)
from crm.audience.rules.tree import MATCH_MODES

MAX_OFFERED: Final = 200
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

Counted = tuple[Part, Mask]
"""A part, and the rows of it that count."""

_ATTRIBUTE_KINDS: Final[Mapping[str, Kind]] = {
    "text": "text",
    "number": "number",
    "day": "day",
    "flag": "flag",
}


def field_catalogue(snapshot: Snapshot, least: int = 1) -> list[dict[str, Any]]:
    """The fields in react-querybuilder's JSON, most asked for first.

    A value is offered if at least `least` customers have it: one that fewer have may tell of a person.

    `kind` is ours: text, number, money, day, instant, flag, choice, tags, attribute or orders. The field
    `orders` has `matchModes`, `matchSums` (what may be summed in place of counting), and the fields of
    an order as `subproperties`.
    """
    parts = snapshot.parts
    customers = [_field(field, _values(parts, field, least)) for field in CUSTOMER_FIELDS.values()]
    names = sorted({name for part, _ in parts for name in part.attributes})
    attributes = [found for name in names if (found := _attribute(name, parts, least))]
    orders = [
        _field(field, field.choices or _values_of_orders(parts, field, least))
        for field in ORDER_FIELDS.values()
    ]
    behaviour = {
        "name": ORDERS,
        "label": "orders",
        "kind": "orders",
        "matchModes": [{"name": mode, "label": _MODE_LABELS[mode]} for mode in MATCH_MODES],
        "matchSums": [{"name": "amount", "label": "total amount"}],
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


def _attribute(name: str, parts: Sequence[Counted], least: int) -> dict[str, Any] | None:
    """An attribute as the kind that most customers have of it; `kinds` names all, most frequent first.

    With several kinds it takes the operators of each: every customer's own value decides how it is compared.
    """
    values: dict[Kind, list[pl.Series]] = {}
    for part, counts in parts:
        attribute = part.attributes.get(name)
        for column, (rows, series) in (attribute.kinds if attribute else {}).items():
            values.setdefault(_ATTRIBUTE_KINDS[column], []).append(series.filter(pl.Series(counts[rows])))
    counts_of = {kind: sum(map(len, columns)) for kind, columns in values.items()}
    kinds = sorted(
        (kind for kind, count in counts_of.items() if count), key=lambda kind: (-counts_of[kind], kind)
    )
    if not kinds:
        return None
    found = _field(
        Field(ATTRIBUTES + name, name.replace("_", " "), kinds[0]),
        _few([_counted(pl.concat(values["text"]))], least) if kinds == ["text"] else (),
    )
    if len(kinds) > 1:
        found["inputType"] = found["valueEditorType"] = "text"
        names = dict.fromkeys(operator for kind in kinds for operator in OPERATORS[kind])
        found["operators"] = _operators(kinds[0], names)
    return {**found, "kinds": kinds}


def _operators(kind: Kind, names: Iterable[Operator]) -> list[dict[str, str]]:
    labels = dict(_LABELS)
    if kind in ("day", "instant"):
        labels |= _TIME_LABELS
    if kind == "tags":
        labels |= _TAG_LABELS
    return [{"name": name, "label": labels[name]} for name in names]


def _counted(texts: pl.Series) -> Mapping[str, int]:
    return dict(texts.alias("text").value_counts(name="count").iter_rows())


def _values(parts: Sequence[Counted], field: Field, least: int) -> Sequence[str]:
    if field.kind == "tags":
        return _few([part.tags.among(counts) for part, counts in parts], least)
    if field.few_values:
        return _few([part.codes(field.name).among(counts) for part, counts in parts], least)
    return ()


def _values_of_orders(parts: Sequence[Counted], field: Field, least: int) -> Sequence[str]:
    if not field.few_values:
        return ()
    found = []
    for part, counts in parts:
        codes, rows = part.orders.codes(field.name), part.orders.row
        placed = counts.take(rows)
        # A customer may have many orders of a category. Counting customers sorts all orders.
        found.append(codes.among(placed) if least == 1 else codes.holders_among(placed, rows))
    return _few(found, least)


def _few(found: Iterable[Mapping[str, int]], least: int) -> Sequence[str]:
    """The values that enough customers of all parts have together; none if there are very many values."""
    holders: Counter[str] = Counter()
    for counts in found:
        holders.update(counts)
    if len(holders) > MAX_OFFERED:
        return ()
    return sorted(text for text, count in holders.items() if count >= least)
