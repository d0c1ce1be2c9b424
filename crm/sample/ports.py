"""What loading and removing the sample needs."""

from datetime import datetime
from typing import Protocol

from crm.sample.load import SampleLoad


class SampleLoads(Protocol):
    """Stores the current load of sample data; there is at most one."""

    async def claim(self, token: str, at: datetime) -> SampleLoad:
        """The current load; if there is none, a new one of this token and time."""

    async def end(self) -> None:
        """Delete the current load, if there is one."""
