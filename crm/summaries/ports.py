"""Where summaries are stored, what writes them, and what logs who asked."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from crm.campaigns.campaign import Campaign
from crm.campaigns.figures import Figures
from crm.summaries.summary import Summary


class Audited(Protocol):
    """Runs a block as an audited action of the person who asks for a summary."""

    def __call__(self, campaign: Campaign) -> AbstractAsyncContextManager[None]:
        """Log the action before the block runs. Raises Unavailable, without running it, if logging fails."""


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
