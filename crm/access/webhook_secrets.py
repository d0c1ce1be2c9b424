"""Webhook secrets that follow from their id: nothing of them needs to be stored."""

import base64
import hmac


def made_of(key: str, secret_id: str) -> str:
    """The webhook secret of this id, `whsec_…`: always the same, and to be had with `key` only."""
    digest = hmac.digest(key.encode(), f"webhook-secret {secret_id}".encode(), "sha256")
    return "whsec_" + base64.b64encode(digest).decode()
