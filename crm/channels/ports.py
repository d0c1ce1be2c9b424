"""What a provider's adapter implements."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from crm.channels.outgoing import Outgoing, SendResult


class Vendor(Protocol):
    """A provider that sends messages."""

    async def send(self, messages: Sequence[Outgoing]) -> Mapping[str, SendResult]:
        """Hand over a batch; the vendor's results by message id. A message that it was handed before under
        the same id is not sent a second time.

        Raises VendorAway where the batch may be sent later, VendorRefused where it never will be taken.
        """


class VendorLookup(Protocol):
    """A provider that can be asked which messages it took."""

    async def look_up(self, message_ids: Sequence[str]) -> Mapping[str, SendResult]:
        """The result of each message that the vendor knows, by id. Raises Unavailable."""
