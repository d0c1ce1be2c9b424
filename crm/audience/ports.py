"""What others need of the audience."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from crm.audience.engine.snapshot import (
        Snapshot,  # polars, which few functions need, takes long to import
    )


class Audience(Protocol):
    """All customers, as rules see them."""

    async def snapshot(self) -> "Snapshot":
        """The newest state. Raises Unavailable."""
