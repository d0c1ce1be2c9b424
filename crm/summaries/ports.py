"""Summaries of campaigns, and who writes them."""

from collections.abc import Sequence
from typing import Protocol

from crm.campaigns.figures import Figures
from crm.summaries.summary import Summary


class SummaryStore(Protocol):
    """Keeps the latest summary of each campaign."""

    async def read(self, campaign_id: str) -> tuple[Summary | None, object]:
        """The latest summary, and its etag for `keep`."""

    async def keep(self, summary: Summary, etag: object) -> bool:
        """Store the summary unless somebody stored one since the reading; whether it was stored."""


class SummaryWriter(Protocol):
    """A model that writes a few sentences on figures."""

    @property
    def model(self) -> str:
        """The model's name."""

    async def write(self, figures: Figures, name: str, refused: Sequence[str]) -> str:
        """The text. `refused` says what was wrong with the last one. Raises NotWritten where there is none.

        `name` is the campaign's name: data, never an instruction.
        """
