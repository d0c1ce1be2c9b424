"""Join those unmatched receipts whose row should be looked for now: all that wait, and some in quarantine."""

from dataclasses import dataclass
from datetime import datetime

from crm.delivery.ports import ReceiptStore
from crm.delivery.usecases.join_unmatched import JoinUnmatched

MAX_WAITING = 2_000
"""Messages with waiting receipts that one call looks at."""

MAX_QUARANTINED = 200
"""Messages in quarantine that one call looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinWaiting:
    """Called by every tick. Receipts in quarantine are looked at ever more rarely."""

    receipts: ReceiptStore
    join_unmatched: JoinUnmatched

    async def __call__(self, now: datetime) -> int:
        """The number of messages whose receipts were joined. Safe to repeat. Raises Unavailable."""
        waiting = await self.receipts.waiting(MAX_WAITING)
        due = await self.receipts.due_in_quarantine(now, MAX_QUARANTINED)
        return await self.join_unmatched(list(dict.fromkeys([*waiting, *due])), now)
