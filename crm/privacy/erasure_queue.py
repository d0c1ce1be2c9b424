"""What is to be forgotten, and has not been everywhere yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingErasure:
    """A customer who was erased, or a segment that was deleted, at that moment. `name` is their id.

    Traces were removed already from the segments up to the id `after`.
    """

    key: str
    what: Literal["customer", "segment"]
    name: str
    at: datetime
    after: str | None = None
