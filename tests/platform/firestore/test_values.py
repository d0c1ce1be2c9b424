"""Python values as Firestore's."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.kernel.stored_values import is_same
from crm.platform.firestore.values import decoded, encoded

ONE: list[Any] = [None, True, False, 0, 1, 1.0, "1", b"1", datetime(2026, 3, 1, tzinfo=UTC)]
VALUES: list[Any] = [
    *ONE,
    *([value] for value in ONE),
    *({"a": value} for value in ONE),
    *([{"a": [value]}] for value in ONE),
    [],
    [1, 1],
    {},
    {"a": 1, "b": 2},
]


@pytest.mark.parametrize("value", VALUES)
def test_values_come_back_as_they_were(value: Any) -> None:
    assert is_same(decoded(encoded(value)), value)


def test_values_are_the_same_only_where_firestore_stores_them_alike() -> None:
    for one in VALUES:
        for other in VALUES:
            assert is_same(one, other) == (encoded(one) == encoded(other))
