"""The names of messages: the same message always gets the same name."""

import hashlib

from crm.kernel.ids import _OURS


def message_id(campaign_id: str, customer_id: str, attempt: int = 0) -> str:
    """The one name of a message to a customer of a campaign; also the vendor's idempotency key.

    `attempt` counts the times an operator asked for the failed ones again.
    """
    parts = f"{campaign_id}\x1f{customer_id}\x1f{attempt}"
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def is_ours(name: str) -> bool:
    """Whether a name can be one of these."""
    return _OURS.fullmatch(name) is not None
