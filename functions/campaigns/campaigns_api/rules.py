"""Rule trees in requests and answers."""

import logging
from collections.abc import Mapping
from datetime import tzinfo
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from campaigns_api.rule_models import RuleGroup
from crm.access.members import SignedIn, allows
from crm.audience.rules.describe import describe
from crm.audience.rules.parse import parse
from crm.audience.rules.withholding import withheld, withheld_tree
from crm.kernel.errors import Invalid

logger = logging.getLogger(__name__)

EXAMPLE: dict[str, Any] = {
    "combinator": "and",
    "rules": [
        {"field": "total_spend", "operator": ">", "value": 1000},
        {
            "combinator": "or",
            "rules": [
                {"field": "order_count", "operator": "<", "value": 3},
                {
                    "field": "last_order_at",
                    "operator": "<",
                    "value": {"mode": "relative", "anchor": "now", "offset": -90, "unit": "day"},
                },
            ],
        },
    ],
}


class _AsRuleGroup:
    """Documents a mapping as a RuleGroup. It is not validated as one: the parser does that, with better
    errors, and a stored tree is sent as it is."""

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(TypeAdapter(RuleGroup).core_schema)


Rules = Annotated[
    dict[str, Any],
    _AsRuleGroup(),
    Field(description="A rule tree as react-querybuilder exports it.", examples=[EXAMPLE]),
]


def sees_people(person: SignedIn) -> bool:
    """Whether the person may list customers. From others, values that may name one are withheld."""
    return allows(person.role, "marketer")


def shown_rules(tree: Mapping[str, Any], zone: tzinfo, person: SignedIn) -> tuple[dict[str, Any], str]:
    """The stored tree as the person may see it, and the same in plain words.

    A tree that can no longer be parsed says so and does not fail its list.
    """
    in_full = sees_people(person)
    try:
        rules = parse(tree, zone=zone)
        words = describe(rules if in_full else withheld(rules))
    except Invalid as error:
        logger.warning("a stored rule tree does not read: %s", error)
        words = f"These rules no longer hold: {error}" if in_full else "These rules no longer hold."
    return dict(tree) if in_full else withheld_tree(tree), words
