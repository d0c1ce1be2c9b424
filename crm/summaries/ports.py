"""Where summaries are stored, and what writes them."""

from collections.abc import Sequence
from typing import Protocol

from crm.campaigns.figures import Figures
from crm.summaries.summary import Summary


class SummaryStore(Protocol):
    """Stores the latest summary of each campaign."""

    async def latest(self, campaign_id: str) -> tuple[Summary | None, object]:
        """The latest summary, and its etag for `save`."""

    async def save(self, summary: Summary, etag: object) -> bool:
        """Store the summary unless another was stored since the etag was read; whether it was stored."""


class SummaryWriter(Protocol):
    """A model that writes a few sentences about a campaign's figures."""

    @property
    def model(self) -> str:
        """The model's name."""

    async def write(self, figures: Figures, refused: Sequence[str]) -> str:
        """The text. `refused` lists the faults of the previous text. Raises NotWritten if the model fails."""
