"""Unsubscribe links: signed, so that nobody can unsubscribe others; they do not expire, for people keep
messages for years."""

import hashlib
from collections.abc import Sequence
from typing import Final

from itsdangerous import BadData, Signer
from pydantic import TypeAdapter

from crm.customers.do_not_send import UnsubscribeToken
from crm.customers.values import Channel
from crm.kernel.errors import NotFound

PATH: Final = "/api/v1/unsubscribe"

EXAMPLE: Final = "example"
"""Stands in place of a token: shows the page that recipients see, and unsubscribes nobody."""

_PARTS = TypeAdapter(tuple[str, str, Channel])


class UnsubscribeTokens:
    """Signs tokens with the first key and accepts all keys, so that keys can be rotated.

    Raises ValueError without keys.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("unsubscribe keys: at least one")
        # The library signs with the last of its keys.
        self._signer = Signer(list(reversed(keys)), salt="unsubscribe", digest_method=hashlib.sha256)

    def sign(self, token: UnsubscribeToken) -> str:
        """The token as text. It is always the same, so a retried message does not change."""
        return self._signer.sign(f"{token.customer}-{token.message_id}-{token.channel}").decode()

    def parse(self, text: str) -> UnsubscribeToken:
        """The inverse of `sign`. Raises NotFound for a text that was not signed here."""
        try:
            parts = tuple(self._signer.unsign(text).decode().split("-"))
            customer, message_id, channel = _PARTS.validate_python(parts)
        except (BadData, ValueError) as error:  # ValueError: half a character, or other parts than ours
            raise NotFound("This link is not one of ours, or a part of it is missing.") from error
        return UnsubscribeToken(customer=customer, channel=channel, message_id=message_id)


class UnsubscribeLinks:
    """Makes the links of an installation whose web app is at `url`."""

    def __init__(self, url: str, keys: Sequence[str]) -> None:
        self._url = url.rstrip("/")
        self._tokens = UnsubscribeTokens(keys)

    def to(self, key: str, channel: Channel, message_id: str) -> str:
        """The link for one message to the customer with this key."""
        token = UnsubscribeToken(customer=key, channel=channel, message_id=message_id)
        return f"{self._url}{PATH}/{self._tokens.sign(token)}"


def example_link(url: str) -> str:
    """The link for a preview or a test message."""
    return f"{url.rstrip('/')}{PATH}/{EXAMPLE}"
