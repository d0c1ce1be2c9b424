"""Stored rules without the ids of erased customers."""

from collections.abc import Collection
from typing import Any, Final

EXACT: Final = frozenset({"=", "!=", "in", "notIn"})
"""Operators that compare with whole ids. A part of an id may stand for others, too."""

ERASED_ID: Final = "(erased)"
"""Stands for an erased customer's id. Without the condition the rules would match other customers."""


def without_ids(rules: Any, customer_ids: Collection[str]) -> Any:
    """The rules as JSON, with `ERASED_ID` for each of these ids. They match the same customers as before."""
    return _node(rules, frozenset(map(_plain, customer_ids)))


def _node(node: Any, erased: Collection[str]) -> Any:
    if isinstance(node, list):
        return [_node(each, erased) for each in node]
    if not isinstance(node, dict):
        return node
    if node.get("field") == "customer_id" and node.get("operator") in EXACT:
        return {**node, "value": _value(node.get("value"), erased)}
    return {name: _node(each, erased) for name, each in node.items()}


def _value(value: Any, erased: Collection[str]) -> Any:
    if isinstance(value, list):
        return list(dict.fromkeys(_value(each, erased) for each in value))
    return ERASED_ID if isinstance(value, str) and _plain(value) in erased else value


def _plain(customer_id: str) -> str:
    return customer_id.strip().casefold()
