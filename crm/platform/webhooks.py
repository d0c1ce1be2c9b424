"""Signed webhooks (standardwebhooks.com): verifies incoming ones, and sends our own."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx2
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from crm.kernel.errors import Unauthenticated, Unavailable
from crm.platform import tracing

MIN_KEY_BYTES = 16
"""Least bytes of a decoded secret; a shorter one could be guessed."""

SEND_TIMEOUT = 15.0
"""Seconds that the receiver may take to answer."""


MAX_AGE = 300
"""Seconds by which the time of a signature may differ from ours."""


def require_fresh(headers: Mapping[str, str], now: datetime) -> None:
    """Raise Unauthenticated for headers that no signature can hold with, before the body is read."""
    sent = headers.get("webhook-timestamp", "")
    is_fresh = sent.isascii() and sent.isdecimal() and abs(int(sent[:20]) - now.timestamp()) <= MAX_AGE
    if not is_fresh or not headers.get("webhook-id") or not headers.get("webhook-signature"):
        raise Unauthenticated("The webhook's signature does not hold.")


class Signatures:
    """Verifies signatures against several secrets, so that one can be rotated while both are valid."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Raises ValueError without secrets, or for one that is not `whsec_` and enough base64."""
        if not secrets:
            raise ValueError("At least one webhook secret is needed.")
        self._keys = [_key(secret) for secret in secrets]

    def check(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Raise Unauthenticated unless a secret signed exactly these bytes within the last five minutes."""
        given = dict(headers)
        for key in self._keys:
            try:
                key.verify(body, given, json_parse=False)
            except (WebhookVerificationError, ValueError):  # ValueError: header or body is not text
                continue
            return
        raise Unauthenticated("The webhook's signature does not hold.")


class WebhookSender:
    """Posts signed bodies to a URL."""

    def __init__(self, url: str, secret: str) -> None:
        """Raises ValueError for an invalid secret."""
        self._url = url
        self._key = _key(secret)
        # Ignore proxies of the environment: the receiver is ours, and often on this machine.
        self._http = httpx2.AsyncClient(timeout=SEND_TIMEOUT, trust_env=False)

    async def post(self, body: str, now: datetime) -> None:
        """Send `body`. The same body always has the same `webhook-id`.

        Raises Unavailable unless the receiver answers with a 2xx.
        """
        name = "msg_" + hashlib.sha256(body.encode()).hexdigest()[:32]
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._key.sign(name, now, body),
            **tracing.outgoing(),
        }
        try:
            response = await self._http.post(self._url, content=body, headers=headers)
        except httpx2.HTTPError as error:
            raise Unavailable("The webhook's receiver does not answer.") from error
        if not response.is_success:
            raise Unavailable(f"The webhook's receiver answered {response.status_code}.")


def _key(secret: str) -> Webhook:
    text = secret.removeprefix("whsec_")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise ValueError("A webhook secret is whsec_ and base64.") from error
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"A webhook secret stands for at least {MIN_KEY_BYTES} bytes.")
    return Webhook(key)
