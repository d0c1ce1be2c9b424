"""The rule tree: frozen nodes that say which customers belong to an audience.

`parse` makes the tree from JSON, `crm.audience.engine.compile` evaluates it over columns, `match` explains it
for one customer and `describe` puts it in words.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from typing import Literal as OneOf

from crm.audience.rules.fields import (
    Field,
    Operator,
)
from crm.audience.rules.values import Value

Combinator = OneOf["and", "or"]
MatchMode = OneOf["atLeast", "atMost", "exactly", "none"]
MATCH_MODES: Final[tuple[MatchMode, ...]] = ("atLeast", "atMost", "exactly", "none")


@dataclass(frozen=True, slots=True)
class Condition:
    """One field compared with a value."""

    field: Field
    operator: Operator
    value: Value = None


@dataclass(frozen=True, slots=True)
class Group:
    """All ("and") or any ("or") of its nodes hold; with `negated`, the opposite.

    A group without nodes matches everyone, or every order. `parse` makes one only for `"all": true`.
    """

    combinator: Combinator
    nodes: tuple["Node", ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OrderCondition:
    """The customer has at least, at most or exactly `threshold` orders that match `where`, or none.

    With `amount` the sum of their amounts is compared, in units of the currency; it is 0 without orders. Only
    completed orders count, unless `where` mentions the status.
    """

    mode: MatchMode
    threshold: Decimal
    where: Group
    amount: bool = False


Node = Condition | Group | OrderCondition


def mentions(group: Group, field: str) -> bool:
    """Whether any condition of the group, at any depth, is on that field."""
    return any(
        mentions(node, field)
        if isinstance(node, Group)
        else isinstance(node, Condition) and node.field.name == field
        for node in group.nodes
    )
