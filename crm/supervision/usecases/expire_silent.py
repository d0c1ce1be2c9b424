"""Expire silent messages: accepted ones for which no receipt ever came become unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.delivery.ports import ReceiptStore, SentMessages
from crm.delivery.row_changes import RowChange
from crm.delivery.usecases.join_unmatched import JoinUnmatched
from crm.supervision.closing import silent

ROWS = 500
"""Rows of one commit."""

COMMITS = 20
"""Commits of one call; the next tick makes the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireSilent:
    """The end of waiting for receipts."""

    messages: SentMessages
    receipts: ReceiptStore
    join_unmatched: JoinUnmatched
    silence: timedelta
    """How long after its last chunk a campaign waits for receipts."""

    async def __call__(self, campaign_id: str, now: datetime) -> None:
        """Change accepted rows to unknown, after a last look for unmatched receipts. Safe to repeat.

        Raises Conflict where a row changes meanwhile, Unavailable.
        """
        for _ in range(COMMITS):
            rows = await self.messages.of_campaign(campaign_id, ROWS, "accepted")
            if not rows:
                return
            message_ids = [row.message_id for row in rows]
            await self._last_look(message_ids, now)
            seen = (await self.receipts.rows(message_ids)).values()
            changes = [
                RowChange(item, silent(item.row, now, self.silence))
                for item in seen
                if item.row.status == "accepted"
            ]
            await self.receipts.commit(changes=changes)

    async def _last_look(self, message_ids: Sequence[str], now: datetime) -> None:
        """Join receipts that are still unmatched, quarantined or not."""
        await self.join_unmatched(message_ids, now)
