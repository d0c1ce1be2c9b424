"""Erasures that are still to be applied to segment snapshots and imports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingErasure:
    """An erased customer or a deleted segment whose remaining data is still to be removed."""

    key: str
    """Names the entry in the queue."""

    what: Literal["customer", "segment"]

    name: str
    """The id of the customer or the segment."""

    at: datetime
    """When it was erased or deleted."""

    after: str | None = None
    """The last segment, in the order of ids, whose snapshots are done. None: not begun."""
