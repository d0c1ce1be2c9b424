"""What members call things is one line, all of which can be seen."""

from typing import Any

import pytest

from crm.access.members import Role
from tests.functions.campaigns.conftest import Api, paths
from tests.functions.campaigns.drafts import DRAFT

pytestmark = pytest.mark.emulator

SEGMENT = {"rules": {"combinator": "and", "rules": [], "all": True}}
KEY = {"scopes": ["ingest:orders"]}
NAMED: list[tuple[str, dict[str, Any], Role]] = [
    ("/segments", SEGMENT, "marketer"),
    ("/campaigns", DRAFT, "marketer"),
    ("/keys", KEY, "admin"),
]


@pytest.mark.parametrize(("path", "body", "role"), NAMED)
async def test_a_name_is_kept_without_hidden_characters(
    api: Api, path: str, body: dict[str, Any], role: Role
) -> None:
    made = await api.post(path, {**body, "name": "\u202eSpring\n\u200bsale \U000e0061"}, role)
    assert (made.status_code, made.json()["name"]) == (201, "Spring sale")
    assert paths(await api.post(path, {**body, "name": "\u200b"}, role)) == ["name"]
