"""API keys of the systems that post records."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key without its secret."""

    id: str
    name: str
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None
    """When it stopped working."""
