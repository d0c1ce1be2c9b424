"""Message ids: derived, so that the same message always gets the same id."""

import hashlib
import re

_OURS = re.compile(r"[0-9a-f]{32}")


def message_id(campaign_id: str, customer_key: str, retry_round: int = 0) -> str:
    """The id of a campaign's message to a customer: 32 hex digits; also the vendor's idempotency key."""
    parts = f"{campaign_id}\x1f{customer_key}\x1f{retry_round}"
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def is_ours(name: str) -> bool:
    """Whether a string has the form of a message id."""
    return _OURS.fullmatch(name) is not None
