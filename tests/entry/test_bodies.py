"""What JSON can say and a database cannot is refused by path."""

import json
from typing import Any

import pytest

from crm.entry.bodies import RequestModel, require_plain
from crm.kernel.errors import Invalid


class Order(RequestModel):
    """A body for the tests."""

    rules: dict[str, Any]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"rules": {"a": [1, NaN]}}', "rules.a.1"),
        ('{"rules": {"a": Infinity}}', "rules.a"),
        ('{"rules": {"a": 1e400}}', "rules.a"),
        ('{"rules": {"a": 1%s}}' % ("0" * 400), "rules.a"),
        ('{"rules": {"a": "\\ud800"}}', "rules.a"),
        ('{"rules": {"\\ud800": 1}}', "rules"),
    ],
)
def test_values_that_cannot_be_stored_are_refused_by_path(text: str, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        Order.model_validate(json.loads(text))
    assert [error.path for error in refused.value.errors] == [path]


def test_endless_nesting_is_refused() -> None:
    value: dict[str, Any] = {}
    for _ in range(500):
        value = {"rules": value}
    with pytest.raises(Invalid, match="levels deep"):
        require_plain(value)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"rules": {str(n): n for n in range(1_001)}}, "rules"),
        ({str(n): n for n in range(1_001)}, "body"),
    ],
)
def test_more_names_than_anybody_needs_are_refused_before_each_is_an_error(value: Any, path: str) -> None:
    with pytest.raises(Invalid, match="names") as refused:
        Order.model_validate(value)
    assert [error.path for error in refused.value.errors] == [path]


def test_plain_values_pass() -> None:
    rules = {"a": [1, -2.5, True, None, "ünï 🎈"], "b": {"c": []}}
    assert Order.model_validate({"rules": rules}).rules == rules
