"""Webhook secrets, derived from their id and the installation's key: none is stored."""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecret:
    """A valid secret without its text."""

    id: str
    created_by: str
    created_at: datetime
    last_used_at: datetime | None = None
    """Exact to ten minutes."""


def derive(key: str, secret_id: str) -> str:
    """The text of a secret, `whsec_…`."""
    digest = hmac.digest(key.encode(), f"webhook-secret {secret_id}".encode(), "sha256")
    return "whsec_" + base64.b64encode(digest).decode()
