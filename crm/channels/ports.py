"""Vendors: who carries messages, and what their books say."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from crm.channels.outgoing import Outgoing, SendResult


class Vendor(Protocol):
    """Who carries the messages."""

    async def send(self, messages: Sequence[Outgoing]) -> Mapping[str, SendResult]:
        """Hand over a batch; what was said of each, by message id. Raises VendorAway, VendorRefused."""


class VendorLookup(Protocol):
    """The vendor's own books."""

    async def look_up(self, message_ids: Sequence[str]) -> Mapping[str, SendResult]:
        """What the vendor says of each message that it knows. Raises Unavailable."""
