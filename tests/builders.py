"""Campaigns and rows of the log, as plain as they come."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from crm.campaigns.campaign import Campaign, Message
from crm.customers.customer_key import customer_key
from crm.delivery.log import LogRow
from crm.delivery.message_ids import message_id

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
        "customer_key": customer_key("C-1"),
        "chunk_id": "0000-0000",
        "shard": 0,
        "channel": "simulator",
        "status": "accepted",
        "updated_at": NOON,
    }
    return LogRow(**{**given, **fields})


def message_to(campaign_id: str, customer_id: str, retry_round: int = 0) -> str:
    """The id of a campaign's message to the customer with this external id."""
    return message_id(campaign_id, customer_key(customer_id), retry_round)


def id_of(key: str) -> str:
    """The id of a customer called `C-0` to `C-1999`, by their key; the key of anybody else."""
    return _ids().get(key, key)


@cache
def _ids() -> dict[str, str]:
    return {customer_key(f"C-{number}"): f"C-{number}" for number in range(2_000)}
