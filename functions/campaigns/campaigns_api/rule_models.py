"""Rules as JSON, with their explanation and the fields that they can use. The audience's rules make and read
them; the types are for the documentation and for clients."""

from typing import Any, Literal, NotRequired

from pydantic import JsonValue
from typing_extensions import TypedDict

from crm.audience.rules.fields import Kind
from crm.audience.rules.tree import Combinator, MatchMode
from crm.kernel.moments import Unit


class RelativeDate(TypedDict):
    """A time before or after now."""

    mode: Literal["relative"]
    anchor: Literal["now"]
    offset: int
    unit: Unit


Scalar = str | float | bool


class Rule(TypedDict):
    """A comparison of a field. `null` and `notNull` take no value, `in` and `between` a list."""

    field: str
    operator: str
    value: NotRequired[Scalar | RelativeDate | list[Scalar | RelativeDate] | None]


class OrderMatch(TypedDict):
    """How many orders, or orders of how much in total if `sum` is given. `none` takes no threshold."""

    mode: MatchMode
    threshold: NotRequired[float]
    sum: NotRequired[Literal["amount"]]


class OrderRule(TypedDict):
    """A condition on the number or amount of a customer's orders that match `value`."""

    field: str
    match: OrderMatch
    value: "RuleGroup"


RuleGroup = TypedDict(
    "RuleGroup",
    {
        "combinator": Combinator,
        "not": NotRequired[bool],
        "all": NotRequired[Literal[True]],
        "rules": "list[Rule | OrderRule | RuleGroup]",
    },
)
"""Rules of which all or any must hold. With `all` and no rules it matches everyone."""


class Named(TypedDict):
    """A value and its display name."""

    name: str
    label: str


class RuleField(TypedDict):
    name: str
    label: str
    kind: Kind | Literal["orders"]
    kinds: NotRequired[list[Kind]]
    inputType: NotRequired[str]
    valueEditorType: NotRequired[str]
    operators: NotRequired[list[Named]]
    values: NotRequired[list[Named]]
    matchModes: NotRequired[list[Named]]
    matchSums: NotRequired[list[Named]]
    subproperties: NotRequired["RuleSubfields"]


"""A field as react-querybuilder reads it. `kinds` lists all kinds of an attribute's values."""


class RuleSubfields(TypedDict):
    """The fields of an order."""

    fields: list[RuleField]


ExplainedRule = TypedDict(
    "ExplainedRule",
    {
        "verdict": bool,
        "text": str,
        "leaves_on": NotRequired[str],
        "combinator": NotRequired[Combinator],
        "not": NotRequired[bool],
        "rules": NotRequired["list[ExplainedRule]"],
        "field": NotRequired[str],
        "operator": NotRequired[str],
        "match": NotRequired[dict[str, Any]],
        "value": NotRequired[JsonValue],
        "actual": NotRequired[JsonValue],
    },
)
"""A node of the rules for one customer: a group has `rules`, every other node the `actual` value. `leaves_on`
is the day on which the node stops holding as time passes."""
