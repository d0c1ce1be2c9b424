import json

import pytest

from devstack import openapi


def test_the_committed_files_are_current() -> None:
    """`python -m devstack openapi` writes them."""
    described = openapi.document()
    assert json.loads(openapi.FILE.read_text()) == described
    assert openapi.NEEDS_FILE.read_text() == openapi.needs_text(described)


def test_two_functions_may_not_mean_different_things_by_one_name() -> None:
    assert openapi.together([{"A": 1}, {"A": 1, "B": 2}]) == {"A": 1, "B": 2}
    with pytest.raises(ValueError, match="A"):
        openapi.together([{"A": 1}, {"A": 2}])


def test_operations_that_need_no_role_are_left_out() -> None:
    operations = {"get": {"x-needs": "admin"}, "post": {"x-needs": "visitor"}, "put": {}}
    text = openapi.needs_text({"paths": {"/keys": operations}})
    assert text.endswith('export const NEEDS = {\n  "GET /keys": "admin",\n} as const;\n')
