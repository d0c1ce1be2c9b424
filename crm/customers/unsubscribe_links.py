"""The links by which recipients unsubscribe: signed, so that nobody unsubscribes others, and without an end,
for messages are kept for years."""

import hashlib
from collections.abc import Sequence
from typing import Final

from itsdangerous import BadData, Signer
from pydantic import TypeAdapter, ValidationError

from crm.customers.do_not_send import UnsubscribeToken
from crm.customers.values import Channel
from crm.kernel.errors import NotFound
from crm.kernel.ids import document_id

PATH: Final = "/api/v1/unsubscribe"

EXAMPLE: Final = "example"
"""In place of a token: leads to the page as recipients see it, and unsubscribes nobody."""

_READ = TypeAdapter(tuple[str, str, Channel])


class Invitations:
    """Signs with the first key and accepts all of them, so that keys can be rotated.

    Raises ValueError without keys.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("unsubscribe keys: at least one")
        # The library signs with the last of its keys.
        self._signer = Signer(list(reversed(keys)), salt="unsubscribe", digest_method=hashlib.sha256)

    def token(self, invitation: UnsubscribeToken) -> str:
        """The same for the same invitation: a message that is sent again is the same message."""
        said = f"{invitation.customer}-{invitation.message_id}-{invitation.channel}"
        return self._signer.sign(said).decode()

    def read(self, token: str) -> UnsubscribeToken:
        """Raises NotFound for one that we never gave."""
        try:
            said = self._signer.unsign(token).decode().split("-")
            customer, message_id, channel = _READ.validate_python(tuple(said))
        except (BadData, ValidationError) as error:
            raise NotFound("This link is not one of ours, or a part of it is missing.") from error
        return UnsubscribeToken(customer=customer, channel=channel, message_id=message_id)


class UnsubscribeLinks:
    """Links of one installation, whose web app is at `url`."""

    def __init__(self, url: str, keys: Sequence[str]) -> None:
        self._url = url.rstrip("/")
        self._invitations = Invitations(keys)

    def to(self, customer_id: str, channel: Channel, message_id: str) -> str:
        """The link in a message."""
        invitation = UnsubscribeToken(
            customer=document_id(customer_id), channel=channel, message_id=message_id
        )
        return f"{self._url}{PATH}/{self._invitations.token(invitation)}"


def example_link(url: str) -> str:
    """The link in a message that nobody gets: a preview, or a test."""
    return f"{url.rstrip('/')}{PATH}/{EXAMPLE}"
