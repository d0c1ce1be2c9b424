"""Parses react-querybuilder's JSON into a rule tree.

Refuses what is unknown or incomplete, so that a mistake in a rule never widens an audience.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from decimal import Decimal
from functools import partial
from typing import Final, TypeVar, cast

from crm.audience.rules.fields import ALL_OPERATORS, OPERATORS, ORDER_FIELDS, ORDERS, customer_field
from crm.audience.rules.tree import MATCH_MODES, Combinator, Condition, Group, MatchMode, Node, OrderCondition
from crm.audience.rules.values import Refused, parse_number, parse_value, parse_whole
from crm.kernel.errors import FieldError, Invalid

MAX_DEPTH: Final = 5
"""Nested groups. Inside an orders rule the count starts again."""
MAX_RULES: Final = 100
MAX_THRESHOLD: Final = 1_000_000

N = TypeVar("N")


def parse(tree: object, path: str = "rules", zone: tzinfo = UTC) -> Group:
    """The tree as nodes. Raises Invalid with every fault and its path below `path`.

    Keys that a rule builder adds for itself (`id`, `path`, `disabled`) are ignored. Times without a zone are
    in `zone`.
    """
    parser = _Parser(zone)
    group = parser.node(lambda: parser.group(tree, path, depth=1))
    if parser.rules > MAX_RULES:
        raise Invalid.at(path, f"has more than {MAX_RULES} rules")
    if group is None or parser.faults:
        raise Invalid(parser.faults)
    return group


class _Parser:
    """Walks one tree and collects faults. After a Refused it continues with the node's siblings."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.faults: list[FieldError] = []
        self.rules = 0

    def node(self, read: Callable[[], N]) -> N | None:
        """The result of `read`; None where it raises Refused, which is recorded as a fault."""
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
            return self._order_condition(rule, path)
        return self._condition(rule, path, of_orders)

    def _order_condition(self, rule: Mapping[object, object], path: str) -> OrderCondition:
        # After a fault `parse` raises, so the placeholder is never evaluated.
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
    """An amount above 0. "At least 0" would match everyone, since the sum is 0 without orders."""
    amount = parse_number(value, path)
    if amount <= 0:
        raise Refused(path, "must be more than 0")
    return amount


def _refuse_muted(node: Mapping[object, object], path: str) -> None:
    """Refuse a muted rule: it is unclear whether it should count."""
    if node.get("muted"):
        raise Refused(f"{path}.muted", "is not supported: remove the rule instead")
