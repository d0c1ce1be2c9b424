"""Drafts for tests of campaigns."""

from typing import Any

from tests.functions.campaigns.conftest import Api

RULES: dict[str, Any] = {
    "combinator": "and",
    "rules": [{"field": "visits", "operator": ">", "value": 1}],
}
DRAFT: dict[str, Any] = {
    "name": "Come back",
    "channel": "simulator",
    "rules": RULES,
    "message": {"subject": None, "body": "Hi {{ customer.name | default: 'there' }}, here is 10% off"},
}

NOTHING = {
    "audience": 0,
    "pending": 0,
    "sent": 0,
    "accepted": 0,
    "delivered": 0,
    "failed": 0,
    "skipped": 0,
    "unknown": 0,
    "opened": 0,
    "clicked": 0,
}


async def draft(api: Api, **fields: Any) -> str:
    answer = await api.post("/campaigns", {**DRAFT, **fields})
    assert answer.status_code == 201, answer.text
    campaign_id: str = answer.json()["id"]
    return campaign_id
