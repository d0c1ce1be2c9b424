"""Errors of a model as they are reported: the first ones in words, the others counted."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from crm.kernel.validation import MAX_ERRORS, MAX_LISTED, Refusals, refused


class Numbers(BaseModel):
    values: list[int]


def error_with(count: int) -> ValidationError:
    body: dict[str, Any] = {"values": ["x"] * count}
    with pytest.raises(ValidationError) as caught:
        Numbers.model_validate(body)
    return caught.value


def test_errors_beyond_those_shown_are_counted() -> None:
    refusal = refused(error_with(MAX_ERRORS + 5), ("records", 3))
    assert [each.path for each in refusal.errors] == [f"records.3.values.{n}" for n in range(MAX_ERRORS)]
    assert refusal.more == 5


def test_of_too_many_errors_none_is_listed_and_all_are_counted() -> None:
    refusal = refused(error_with(MAX_LISTED + 1))
    assert [(each.path, each.message) for each in refusal.errors] == [
        ("body", "has errors that are too many to list")
    ]
    assert refusal.more == MAX_LISTED + 1


def test_the_records_of_one_input_share_what_is_listed() -> None:
    refusals = Refusals()
    sizes = (MAX_LISTED - 10, 11, 10, 1)
    found = [refusals.of(error_with(size), ("records", place)) for place, size in enumerate(sizes)]
    assert [each.errors[0].path for each in found] == [
        "records.0.values.0",
        "records.1",
        "records.2.values.0",
        "records.3",
    ]
    assert [each.more for each in found] == [MAX_LISTED - 10 - MAX_ERRORS, 11, 0, 1]
