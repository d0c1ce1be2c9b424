"""Signed webhooks (standardwebhooks.com): verifies incoming ones, and sends our own."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import httpx2
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from crm.kernel.errors import Unauthenticated, Unavailable
from crm.platform import tracing

MIN_KEY_BYTES = 16
"""Least bytes of a decoded secret; a shorter one could be guessed."""

SEND_TIMEOUT = 15.0
"""Seconds that the receiver may take to answer."""


Fault = Literal["unsigned", "time", "signature"]


class RefusedWebhook(Unauthenticated):
    """A webhook that was not signed with a secret of ours, or not now. Each text is of use to the sender, and
    says nothing of a secret."""

    def __init__(self, fault: Fault) -> None:
        self.fault: Fault = fault
        super().__init__(_TEXTS[fault])


_TEXTS: Final[Mapping[Fault, str]] = {
    "unsigned": "The webhook is not signed: it needs webhook-id, webhook-timestamp and webhook-signature.",
    "time": "The webhook's timestamp is not within five minutes of our time.",
    "signature": "The webhook's signature does not hold.",
}

MAX_AGE = 300
"""Seconds by which the time of a signature may differ from ours."""


_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def require_fresh(headers: Mapping[str, str], now: datetime) -> None:
    """Raise RefusedWebhook for headers that no signature can hold with, before the body is read."""
    if not all(headers.get(name) for name in _HEADERS):
        raise RefusedWebhook("unsigned")
    sent = headers["webhook-timestamp"]
    if not (sent.isascii() and sent.isdecimal() and abs(int(sent[:20]) - now.timestamp()) <= MAX_AGE):
        raise RefusedWebhook("time")


class Signatures:
    """Verifies signatures against several secrets, so that one can be rotated while both are valid."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Raises ValueError without secrets, or for one that is not `whsec_` and enough base64."""
        if not secrets:
            raise ValueError("At least one webhook secret is needed.")
        self._keys = [_key(secret) for secret in secrets]

    def check(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Raise RefusedWebhook unless a secret signed exactly these bytes within the last five minutes."""
        given = dict(headers)
        for key in self._keys:
            try:
                key.verify(body, given, json_parse=False)
            except (WebhookVerificationError, ValueError):  # ValueError: header or body is not text
                continue
            return
        raise RefusedWebhook("signature")


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
