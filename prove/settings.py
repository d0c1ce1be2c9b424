"""The times of the proof, production's deadlines in a tenth of the time, and the vendor's bad manners."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from crm.topology import PUSHES, Push

VENDOR_TIMEOUT: Final = 3.0
LEASE: Final = 11
ACK_DEADLINE: Final = 10
FUNCTION_TIMEOUT: Final = 9.0
"""Seconds after which a push to a function is given up, as the platform does it."""

HANG: Final = 6.0
"""Seconds for which the vendor keeps a caller waiting after it took everything."""


def pushes() -> Sequence[Push]:
    """The push subscriptions with these times."""
    return [replace(push, ack_deadline=ACK_DEADLINE) for push in PUSHES]


def knobs(seed: int, webhook_url: str) -> dict[str, dict[str, str]]:
    """Function → its variables beside those that wire the stack together."""
    return {
        "deliver": {"CRM_VENDOR_TIMEOUT": str(VENDOR_TIMEOUT), "CRM_LEASE": str(LEASE)},
        "vendor": {
            "CRM_WEBHOOK_URL": webhook_url,
            "CRM_SEED": f"vendor {seed}",
            "CRM_KEEP_CONTENT": "true",
            "CRM_HANG": str(HANG),
            "CRM_TIMEOUT_RATE": "0.1",
            "CRM_THROTTLE_RATE": "0.05",
            "CRM_ERROR_RATE": "0.05",
            "CRM_REJECTED_RATE": "0.02",
            "CRM_FAILURE_RATE": "0.1",
            "CRM_OPENED_RATE": "0.4",
            "CRM_CLICKED_RATE": "0.4",
            "CRM_DUPLICATE_RATE": "0.1",
            "CRM_REORDER_RATE": "0.2",
        },
    }
