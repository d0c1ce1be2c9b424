"""Where messages to other functions go."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Broker(Protocol):
    """Where messages to other functions go."""

    async def publish(
        self, topic: str, messages: Sequence[bytes], attributes: Mapping[str, str] | None = None
    ) -> None:
        """Return once every message is durable; raise Unavailable otherwise."""
