import json

import pytest

from devstack import openapi


def test_the_committed_document_is_current() -> None:
    """`python -m devstack openapi` writes it."""
    assert json.loads(openapi.FILE.read_text()) == openapi.document()


def test_two_functions_may_not_mean_different_things_by_one_name() -> None:
    assert openapi.together([{"A": 1}, {"A": 1, "B": 2}]) == {"A": 1, "B": 2}
    with pytest.raises(ValueError, match="A"):
        openapi.together([{"A": 1}, {"A": 2}])
