"""The port to the message broker."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Broker(Protocol):
    """Publishes messages to other functions."""

    async def publish(
        self, topic: str, messages: Sequence[bytes], attributes: Mapping[str, str] | None = None
    ) -> None:
        """Return once every message is durable. Raises Unavailable; some may have been published then."""
