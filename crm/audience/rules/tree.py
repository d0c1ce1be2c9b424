"""The rule tree: which customers belong to an audience.

`parse` reads react-querybuilder's JSON into frozen nodes and refuses whatever is unknown or unfinished, so
that no mistake in a rule ever widens an audience. `crm.audience.engine.compile` evaluates the tree, `match`
explains it for one customer and `describe` speaks it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal
from functools import partial
from typing import Final, TypeVar, cast
from typing import Literal as OneOf

from crm.audience.rules.fields import (
    ALL_OPERATORS,
    OPERATORS,
    ORDER_FIELDS,
    ORDERS,
    Field,
    Operator,
    customer_field,
)
from crm.audience.rules.values import Refused, Value, parse_number, parse_value, parse_whole
from crm.kernel.errors import FieldError, Invalid

MAX_DEPTH: Final = 5
"""Groups within groups; the group inside an orders rule counts anew."""
MAX_RULES: Final = 100
MAX_THRESHOLD: Final = 1_000_000

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
    """All ("and") or any ("or") of its nodes; with `negated`, the customers that this leaves out.

    Without nodes it is everyone, or every order: only `"all": true` says so.
    """

    combinator: Combinator
    nodes: tuple["Node", ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OrderCondition:
    """At least, at most or exactly `threshold` orders for which `where` holds, or none.

    With `amount` it is the sum of their amounts that is compared, in units of currency; without any such
    order the sum is 0. Only completed orders count, unless `where` speaks of status.
    """

    mode: MatchMode
    threshold: Decimal
    where: Group
    amount: bool = False


Node = Condition | Group | OrderCondition
N = TypeVar("N")


def parse(tree: object, path: str = "rules", zone: tzinfo = UTC) -> Group:
    """The tree as nodes. Raises Invalid that names every fault by its path below `path`.

    What a builder adds for itself (`id`, `path`, `valueSource`, `disabled`) is passed over.
    """
    parser = _Parser(zone)
    group = parser.node(lambda: parser.group(tree, path, depth=1))
    if parser.rules > MAX_RULES:
        raise Invalid.at(path, f"has more than {MAX_RULES} rules")
    if group is None or parser.faults:
        raise Invalid(parser.faults)
    return group


def mentions(group: Group, field: str) -> bool:
    """Whether any condition of the group, at whatever depth, is on that field."""
    return any(
        mentions(node, field)
        if isinstance(node, Group)
        else isinstance(node, Condition) and node.field.name == field
        for node in group.nodes
    )


class _Parser:
    """Walks one tree, collecting faults. What raises Refused cannot be read on; its siblings still are."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.faults: list[FieldError] = []
        self.rules = 0

    def node(self, read: Callable[[], N]) -> N | None:
        """What `read` returns; None, and a fault more, where it refuses."""
        try:
            return read()
        except Refused as refused:
            self.faults.append(refused.found)
            return None

    def group(self, tree: object, path: str, depth: int, of_orders: bool = False) -> Group:
        if not isinstance(tree, Mapping):
            raise Refused(path, "must be a group of rules")
        if depth > MAX_DEPTH:
            raise Refused(path, f"is nested deeper than {MAX_DEPTH} groups")
        _refuse_muted(tree, path)
        combinator, negated = tree.get("combinator"), tree.get("not", False)
        if combinator not in ("and", "or"):
            self._fault(f"{path}.combinator", "must be and, or or")
        if not isinstance(negated, bool):
            self._fault(f"{path}.not", "must be true or false")
        rules = tree.get("rules")
        if not isinstance(rules, list):
            raise Refused(f"{path}.rules", "must be a list of rules")
        everyone = tree.get("all", False)
        if everyone is not False:
            if everyone is not True or depth > 1 or rules or negated:
                raise Refused(
                    f"{path}.all", "must be true, on an outermost group without rules and without not"
                )
        elif not rules:
            raise Refused(f"{path}.rules", "is empty: a group needs a rule")
        nodes: list[Node] = []
        for index, rule in enumerate(rules):
            node = self.node(partial(self._rule, rule, f"{path}.rules.{index}", depth, of_orders))
            if node is not None:
                nodes.append(node)
            if self.rules > MAX_RULES:
                break
        return Group(cast(Combinator, combinator), tuple(nodes), cast(bool, negated))

    def _rule(self, rule: object, path: str, depth: int, of_orders: bool) -> Node:
        if not isinstance(rule, Mapping):
            raise Refused(path, "must be a rule or a group")
        if "rules" in rule or "combinator" in rule:
            return self.group(rule, path, depth + 1, of_orders)
        self.rules += 1
        _refuse_muted(rule, path)
        if rule.get("field") == ORDERS and not of_orders:
            return self._behaviour(rule, path)
        return self._condition(rule, path, of_orders)

    def _behaviour(self, rule: Mapping[object, object], path: str) -> OrderCondition:
        # A fault found here keeps the tree from being returned, so the stand-in is never evaluated.
        mode, threshold, amount = self.node(lambda: _match(rule.get("match"), f"{path}.match")) or _NO_MATCH
        where = self.group(rule.get("value"), f"{path}.value", depth=1, of_orders=True)
        return OrderCondition(mode, threshold, where, amount)

    def _condition(self, rule: Mapping[object, object], path: str, of_orders: bool) -> Condition:
        name, operator = rule.get("field"), rule.get("operator")
        if not isinstance(name, str) or not name:
            raise Refused(f"{path}.field", "is missing")
        field = ORDER_FIELDS.get(name) if of_orders else customer_field(name)
        if field is None:
            raise Refused(f"{path}.field", f"{name[:80]!r} is not a field")
        if operator is None or operator == "":
            raise Refused(f"{path}.operator", "is missing")
        known = next((each for each in ALL_OPERATORS if each == operator), None)
        if known is None:
            raise Refused(f"{path}.operator", f"{str(operator)[:40]!r} is not an operator")
        if known not in OPERATORS[field.kind]:
            raise Refused(f"{path}.operator", f"{known} does not fit {field.label}")
        if rule.get("valueSource", "value") not in ("value", None):
            raise Refused(f"{path}.valueSource", "must be value: a field is compared with a value only")
        return Condition(
            field, known, parse_value(field, known, rule.get("value"), f"{path}.value", self._zone)
        )

    def _fault(self, path: str, message: str) -> None:
        self.faults.append(FieldError(path, message))


_NO_MATCH: Final[tuple[MatchMode, Decimal, bool]] = ("none", Decimal(0), False)


def _match(match: object, path: str) -> tuple[MatchMode, Decimal, bool]:
    if not isinstance(match, Mapping):
        raise Refused(path, "must be a mode and a threshold")
    mode = next((known for known in MATCH_MODES if known == match.get("mode")), None)
    if mode is None:
        raise Refused(f"{path}.mode", f"must be one of {', '.join(MATCH_MODES)}")
    summed = match.get("sum")
    if summed not in (None, "amount"):
        raise Refused(f"{path}.sum", "must be amount, or left out to count orders")
    if mode == "none":
        if summed:
            raise Refused(f"{path}.mode", "must be atLeast, atMost or exactly where amounts are summed")
        return _NO_MATCH
    if summed:
        return mode, _amount(match.get("threshold"), f"{path}.threshold"), True
    threshold = parse_whole(match.get("threshold"))
    if threshold is None or not 1 <= threshold <= MAX_THRESHOLD:
        raise Refused(f"{path}.threshold", f"must be a whole number from 1 to {MAX_THRESHOLD}")
    return mode, Decimal(threshold), False


def _amount(value: object, path: str) -> Decimal:
    """More than 0: whoever has ordered nothing has a sum of 0, and nobody means everyone by "at least 0"."""
    amount = parse_number(value, path)
    if amount <= 0:
        raise Refused(path, "must be more than 0")
    return amount


def _refuse_muted(node: Mapping[object, object], path: str) -> None:
    """A builder leaves a muted rule out of what it exports; someone would be surprised either way."""
    if node.get("muted"):
        raise Refused(f"{path}.muted", "is not supported: remove the rule instead")
