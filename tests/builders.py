"""Campaigns and rows of the log, as plain as they come."""

from datetime import UTC, datetime
from typing import Any

from crm.campaigns.campaign import Campaign, Message
from crm.delivery.log import LogRow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def campaign(**fields: Any) -> Campaign:
    """A campaign `c1` that is sending since noon."""
    given: dict[str, Any] = {
        "campaign_id": "c1",
        "name": "Spring",
        "status": "sending",
        "channel": "simulator",
        "message": Message(body="Hi"),
        "rules": {},
        "created_at": NOON,
        "created_by": "a@example.com",
    }
    return Campaign(**{**given, **fields})


def row(**fields: Any) -> LogRow:
    """A row of `c1`, accepted at noon."""
    given: dict[str, Any] = {
        "message_id": "m1",
        "campaign_id": "c1",
        "customer_id": "C-1",
        "chunk_id": "0000-0000",
        "shard": 0,
        "channel": "simulator",
        "status": "accepted",
        "updated_at": NOON,
    }
    return LogRow(**{**given, **fields})
