"""Rules without the values that may name a person, for what outlives an erasure."""

from dataclasses import replace
from typing import Final

from crm.audience.rules.fields import ATTRIBUTES
from crm.audience.rules.tree import Condition, Group, Node, OrderCondition

PERSONAL: Final = frozenset({"customer_id", "email", "phone", "name", "birthday"})
"""Fields whose values may name one person. Attributes are not known, so theirs are withheld, too."""

WITHHELD: Final = "…"


def withheld(rules: Group) -> Group:
    """The same rules with an ellipsis in place of each such value."""
    return replace(rules, nodes=tuple(map(_node, rules.nodes)))


def _node(node: Node) -> Node:
    if isinstance(node, Group):
        return withheld(node)
    return node if isinstance(node, OrderCondition) else _condition(node)


def _condition(node: Condition) -> Condition:
    name = node.field.name
    if node.value is None or not (name in PERSONAL or name.startswith(ATTRIBUTES)):
        return node
    return replace(node, value=(WITHHELD,) * len(node.value) if isinstance(node.value, tuple) else WITHHELD)
