"""Errors of validation in plain words."""

from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from crm.kernel.wording import in_words


@pytest.mark.parametrize(
    ("least", "given", "text"),
    [(1, [], "is empty"), (2, ["a"], "needs at least 2 entries")],
)
def test_a_list_that_is_too_short_says_what_it_lacks(least: int, given: list[str], text: str) -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(Annotated[list[str], Field(min_length=least)]).validate_python(given)
    assert [in_words(each) for each in raised.value.errors()] == [text]
