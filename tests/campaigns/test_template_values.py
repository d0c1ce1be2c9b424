"""A filter that cannot take its values says so in our words, and quotes none of them."""

import re
from datetime import UTC, datetime
from itertools import product
from typing import Final

import pytest

from crm.campaigns import templates
from crm.campaigns.metered_liquid import Meter
from crm.kernel.errors import Invalid

VARIABLES: Final = {
    "list": ["qz", "b"],
    "lists": [["qz"], [1]],
    "records": [{"qz": 1}, {"qz": 2}],
    "record": {"qz": 1},
    "at": datetime(2026, 3, 1, tzinfo=UTC),
}
VALUES: Final = ("(1..3)", "'qz'", "3", "-1.5", "true", "nil", "missing", *VARIABLES)
ARGUMENTS: Final = (
    "",
    *(f": {value}" for value in VALUES),
    *(f": {value}, {value}" for value in VALUES),
    ": 1, 2, 3",
    ": unheard_of: 'qz'",
)
OUR_WORDS: Final = re.compile(
    r"line 1, column \d+: [a-z0-9_]+ ("
    r"takes (no arguments|(at most |\d to )?\d arguments?)"
    r"|has no option unheard_of"
    r"|cannot divide by 0"
    r"|cannot look for a property in this list"
    r"|cannot be used on this KIND( with this KIND( and this KIND)*)?"
    r")".replace("KIND", "(text|list|range|date|missing value|number|value)")
)


def fault(body: str) -> str | None:
    try:
        templates.rendered(body, "message.body", VARIABLES, Meter(10_000))
    except Invalid as error:
        return error.errors[0].message
    return None


@pytest.mark.parametrize("name", templates.known_filters())
def test_any_filter_takes_any_values_or_says_in_our_words_that_it_cannot(name: str) -> None:
    for value, arguments in product(VALUES, ARGUMENTS):
        body = f"{{{{ {value} | {name}{arguments} }}}}"
        found = fault(body)
        assert found is None or OUR_WORDS.fullmatch(found), (body, found)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'a,b' | split: ',' | concat: (1..3)", "concat cannot be used on this list with this range"),
        ("'a' | truncate: list", "truncate cannot be used on this text with this list"),
        ("(1..3) | compact: 'qz'", "compact cannot be used on this range with this text"),
        ("'nan' | ceil", "ceil cannot be used on this text"),
        ("3 | modulo: 0", "modulo cannot divide by 0"),
        ("'a' | append", "append takes 1 argument"),
        ("'a' | upcase: 'b'", "upcase takes no arguments"),
        ("'a' | replace", "replace takes 1 to 2 arguments"),
        ("list | join: ',', ','", "join takes at most 1 argument"),
        ("'a' | default: 'b', allow: true", "default has no option allow"),
    ],
)
def test_a_fault_says_what_the_filter_cannot_take(expression: str, expected: str) -> None:
    found = fault(f"{{{{ {expression} }}}}")
    assert found is not None
    assert found.endswith(f": {expected}")
