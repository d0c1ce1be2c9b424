"""Describes a rule tree in words: "total spend is more than 1,000 and fewer than 3 orders"."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from crm.audience.rules.fields import DAYS_TO_BIRTHDAY, Operator
from crm.audience.rules.tree import Condition, Group, Node, OrderCondition, mentions
from crm.audience.rules.values import Literal, UntypedLiteral
from crm.audience.rules.withholding import WITHHELD
from crm.kernel.moments import Relative

SHOWN: Final = 5
"""Values of a list that are written out; the rest is counted."""

_THAN: Final = {
    "=": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
    "contains": "contains",
    "doesNotContain": "does not contain",
    "beginsWith": "begins with",
    "endsWith": "ends with",
}
_HOW_MANY: Final = {
    "=": "exactly",
    "!=": "any number but",
    "<": "fewer than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}
_WHEN: Final = {
    "=": "on",
    "!=": "not on",
    "<": "before",
    "<=": "on or before",
    ">": "after",
    ">=": "on or after",
}


def describe(rules: Group) -> str:
    """The rules as one sentence, without capital or full stop."""
    return _group(rules, outermost=True) if rules.nodes else "all customers"


def describe_node(node: Node) -> str:
    """One node in words."""
    if isinstance(node, Group):
        return describe(node)
    return _order_condition(node) if isinstance(node, OrderCondition) else _condition(node)


def _group(group: Group, outermost: bool) -> str:
    parts = [
        _group(node, outermost=False) if isinstance(node, Group) else describe_node(node)
        for node in group.nodes
    ]
    separator = f" {group.combinator} "
    if outermost and group.combinator == "or":
        if any(isinstance(node, Group) and len(node.nodes) > 1 for node in group.nodes):
            separator = ", or "
        parts = [_unbracketed(part, node) for part, node in zip(parts, group.nodes, strict=True)]
    text = separator.join(parts)
    if group.negated:
        return f"not ({text})"
    return text if outermost or len(parts) == 1 else f"({text})"


def _unbracketed(text: str, node: Node) -> str:
    """An "and" inside the outermost "or" needs no brackets: commas separate the parts."""
    if isinstance(node, Group) and node.combinator == "and" and len(node.nodes) > 1 and not node.negated:
        return text[1:-1]
    return text


def _order_condition(node: OrderCondition) -> str:
    sort = "" if mentions(node.where, "status") else "completed "
    noun = f"{sort}{_plural('order', node.threshold)}"
    how = {"atLeast": "at least", "atMost": "at most", "exactly": "exactly"}.get(node.mode)
    if node.amount:
        counted = f"{sort}orders of {how} {_shown(node.threshold)} in total"
    else:
        counted = f"{how} {node.threshold:,} {noun}" if how else f"no {sort}orders"
    return f"{counted} ({_group(node.where, outermost=True)})" if node.where.nodes else counted


def _condition(node: Condition) -> str:
    label, operator = node.field.label, node.operator
    literals = node.value if isinstance(node.value, tuple) else (node.value,)
    values = [each for each in literals if each is not None]
    if node.field.kind == "tags":
        return _tags(operator, values)
    if operator in ("null", "notNull"):
        return f"{label} is {'missing' if operator == 'null' else 'known'}"
    if operator in ("in", "notIn"):
        return f"{label} is {'one of' if operator == 'in' else 'none of'} {_listed(values)}"
    if node.field.counted:
        return _counted(node.field.counted, operator, values)
    if any(_moment(each) is not None for each in values) and not _only_text(operator):
        return _timed(label, operator, values)
    if node.field.name == DAYS_TO_BIRTHDAY and operator in ("=", "<", "<="):
        return _birthday(operator, values[0])
    if operator in ("between", "notBetween"):
        nay = "" if operator == "between" else "not "
        return f"{label} is {nay}between {_shown(values[0])} and {_shown(values[1])}"
    return f"{label} {_THAN[operator]} {_shown(values[0])}"


def _tags(operator: Operator, values: list[Literal]) -> str:
    match operator:
        case "null":
            return "has no tags"
        case "notNull":
            return "has tags"
        case "contains":
            return f"has the tag {_shown(values[0])}"
        case "doesNotContain":
            return f"does not have the tag {_shown(values[0])}"
        case "in":
            return f"has one of the tags {_listed(values)}"
        case _:
            return f"has none of the tags {_listed(values)}"


def _counted(noun: str, operator: Operator, values: list[Literal]) -> str:
    if operator in ("between", "notBetween"):
        nay = "" if operator == "between" else "not "
        return f"{nay}between {_shown(values[0])} and {_shown(values[1])} {noun}s"
    return f"{_HOW_MANY[operator]} {_shown(values[0])} {_plural(noun, values[0])}"


def _birthday(operator: Operator, days: Literal) -> str:
    if operator == "=":
        return "birthday is today" if days == 0 else f"birthday is in {_shown(days)} {_plural('day', days)}"
    how = "within the next" if operator == "<=" else "in less than"
    return f"birthday is {how} {_shown(days)} {_plural('day', days)}"


def _timed(label: str, operator: Operator, values: list[Literal]) -> str:
    if operator in ("between", "notBetween"):
        nay = "" if operator == "between" else "not "
        return f"{label} {nay}between {_shown(values[0])} and {_shown(values[1])}"
    moment = _moment(values[0])
    if isinstance(moment, Relative) and moment.offset < 0 and operator in ("<", "<="):
        return f"{label} more than {_relative(moment, whole_day=False)}"
    # Not for an attribute (untyped): its date may lie in the future, such as the end of a contract.
    if isinstance(moment, Relative) and moment.offset < 0 and operator in (">", ">=") and values[0] is moment:
        ago = f"{-moment.offset:,} {_plural(moment.unit, -moment.offset)}"
        return f"{label} in the past {ago}"
    if isinstance(moment, Relative) and operator in ("=", "!="):
        return f"{label} {'' if operator == '=' else 'not '}{_shown(moment, whole_day=True)}"
    return f"{label} {_WHEN[operator]} {_shown(values[0])}"


def _only_text(operator: Operator) -> bool:
    return operator in ("contains", "doesNotContain", "beginsWith", "endsWith")


def _moment(literal: Literal) -> date | Relative | None:
    if isinstance(literal, UntypedLiteral):
        return literal.moment
    return literal if isinstance(literal, date | Relative) else None


def _listed(values: list[Literal]) -> str:
    if all(each == WITHHELD for each in values):
        return f"{len(values):,} {_plural('value', len(values))} ({WITHHELD})"
    shown = ", ".join(_shown(each) for each in values[:SHOWN])
    return f"{shown} and {len(values) - SHOWN:,} more" if len(values) > SHOWN else shown


def _shown(literal: Literal, whole_day: bool = False) -> str:
    match literal:
        case bool():
            return "yes" if literal else "no"
        case Decimal():
            return f"{literal.normalize():,f}"
        case datetime():
            zone = literal.strftime(" %Z") if literal.tzinfo else ""
            return f"{_shown(literal.date())} {literal:%H:%M}{zone}"
        case date():
            return f"{literal.day} {literal:%B} {literal.year}"
        case Relative():
            return _relative(literal, whole_day)
        case UntypedLiteral():
            kinds = (literal.moment, literal.number, literal.flag, literal.text)
            return _shown(next(each for each in kinds if each is not None))
        case _:
            return f"“{literal}”"


def _relative(moment: Relative, whole_day: bool) -> str:
    if moment.offset == 0:
        return "today" if whole_day and moment.unit != "hour" else "now"
    amount = f"{abs(moment.offset):,} {_plural(moment.unit, abs(moment.offset))}"
    return f"{amount} ago" if moment.offset < 0 else f"{amount} from now"


def _plural(noun: str, count: object) -> str:
    return noun if count == 1 else f"{noun}s"
