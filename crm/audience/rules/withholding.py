"""Rules without the values that may name a person: for what outlives an erasure, and for viewers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from crm.audience.rules.fields import ATTRIBUTES, CUSTOMER_FIELDS, ORDER_FIELDS, ORDERS
from crm.audience.rules.tree import Condition, Group, Node, OrderCondition

PERSONAL: Final = frozenset({"customer_id", "email", "phone", "name", "birthday"})
"""Fields whose values may name one person. Attributes are not known, so theirs are withheld, too."""

WITHHELD: Final = "…"

_PARTS: Final = frozenset({"contains", "doesNotContain", "beginsWith", "endsWith"})
_KEPT: Final = ("combinator", "not", "all", "field", "operator", "match")


def withheld(rules: Group) -> Group:
    """The same rules with an ellipsis in place of each such value."""
    return replace(rules, nodes=tuple(map(withheld_node, rules.nodes)))


def withheld_node(node: Node) -> Node:
    """The same node with an ellipsis in place of each such value."""
    if isinstance(node, Group):
        return withheld(node)
    return node if isinstance(node, OrderCondition) else _condition(node)


def withheld_tree(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The same of rules as JSON, whether or not they can be parsed: one ellipsis, also for a list of values.

    Only what is known to name nobody is kept.
    """
    shown = {name: tree[name] for name in _KEPT if name in tree}
    inner, value, field = tree.get("rules"), tree.get("value"), tree.get("field")
    if isinstance(inner, list):
        shown["rules"] = [withheld_tree(each) for each in inner if isinstance(each, Mapping)]
    if "value" in tree:
        if field == ORDERS and isinstance(value, Mapping):
            shown["value"] = withheld_tree(value)
        else:
            is_known = isinstance(field, str) and field in CUSTOMER_FIELDS.keys() | ORDER_FIELDS.keys()
            is_shown = value is None or (is_known and not _is_personal(str(field)))
            shown["value"] = value if is_shown else WITHHELD
    return shown


def searches(rules: Group, path: str = "rules") -> Iterator[tuple[str, str]]:
    """Path and fault of each condition by which values could be guessed that may name a person.

    Counts of such rules tell, one guess after the other, what the values are.
    """
    for index, node in enumerate(rules.nodes):
        at = f"{path}.rules.{index}"
        match node:
            case Group():
                yield from searches(node, at)
            case OrderCondition():
                yield from searches(node.where, f"{at}.value")
            case Condition(field=field) if node.value is not None:
                if _is_personal(field.name):
                    yield at, f"your role may ask only whether {field.label} is known, not compare it"
                elif field.kind == "text" and node.operator in _PARTS:
                    yield at, f"your role may compare {field.label} only as a whole, not a part of it"


def _condition(node: Condition) -> Condition:
    if node.value is None or not _is_personal(node.field.name):
        return node
    return replace(node, value=(WITHHELD,) * len(node.value) if isinstance(node.value, tuple) else WITHHELD)


def _is_personal(name: str) -> bool:
    return name in PERSONAL or name.startswith(ATTRIBUTES)
