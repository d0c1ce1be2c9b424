"""Settings of a run: production's deadlines divided by ten, and the simulated vendor's fault rates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from crm.topology import FUNCTIONS, PUSHES, Push
from devstack.settings import UNLIMITED

VENDOR_TIMEOUT: Final = 3.0
LEASE: Final = 11
ACK_DEADLINE: Final = 10
FUNCTION_TIMEOUT: Final = 9.0
"""Seconds after which a push to a function is given up, as on the platform."""

HANG: Final = 6.0
"""Seconds that the vendor delays its answer after it accepted everything, where it times out."""


def pushes() -> Sequence[Push]:
    """The push subscriptions with these times."""
    return [replace(push, ack_deadline=ACK_DEADLINE) for push in PUSHES]


def knobs(seed: int, webhook_url: str) -> dict[str, dict[str, str]]:
    """Function → its variables, in addition to those that connect the stack."""
    limits = {"CRM_RATE_LIMITS": UNLIMITED}
    return {
        **dict.fromkeys(FUNCTIONS, limits),
        "deliver": {**limits, "CRM_VENDOR_TIMEOUT": str(VENDOR_TIMEOUT), "CRM_LEASE": str(LEASE)},
        "vendor": {
            **limits,
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
