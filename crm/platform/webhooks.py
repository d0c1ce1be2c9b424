"""Signed webhooks (standardwebhooks.com): checking those that come in, and sending our own."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx2
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from crm.kernel.errors import Unauthenticated, Unavailable

SHORTEST_KEY = 16
"""Bytes that a secret must stand for; a shorter one could be guessed."""

SEND_TIMEOUT = 15.0
"""Seconds that a receiver has to answer."""


class Signatures:
    """Checks signatures against several secrets, so that one can be replaced while both still count."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Raises ValueError where there is no secret, or one that is not `whsec_` and enough base64."""
        if not secrets:
            raise ValueError("At least one webhook secret is needed.")
        self._keys = [_key(secret) for secret in secrets]

    def check(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Raise Unauthenticated unless a secret signed exactly these bytes within the last five minutes."""
        given = dict(headers)
        for key in self._keys:
            try:
                key.verify(body, given, json_parse=False)
            except (WebhookVerificationError, ValueError):  # ValueError: header or body is not even text
                continue
            return
        raise Unauthenticated("The webhook's signature does not hold.")


class WebhookSender:
    """Posts signed bodies to one URL."""

    def __init__(self, url: str, secret: str) -> None:
        """Raises ValueError for a secret that is none."""
        self._url = url
        self._key = _key(secret)
        # No proxy of the environment: the receiver is ours, and often on this machine.
        self._http = httpx2.AsyncClient(timeout=SEND_TIMEOUT, trust_env=False)

    async def post(self, body: str, now: datetime) -> None:
        """Deliver `body`; the same body always carries the same `webhook-id`.

        Raises Unavailable unless the receiver answers with success.
        """
        name = "msg_" + hashlib.sha256(body.encode()).hexdigest()[:32]
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._key.sign(name, now, body),
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
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"A webhook secret stands for at least {SHORTEST_KEY} bytes.")
    return Webhook(key)
