"""A ledger of erasures in memory."""

from collections.abc import AsyncIterator

from crm.privacy.erasure_ledger import LedgerEntry


class MemoryLedger:
    """`crm.privacy.ports.ErasureLedger`."""

    def __init__(self) -> None:
        self.kept: dict[str, LedgerEntry] = {}

    async def add(self, entry: LedgerEntry) -> None:
        self.kept.setdefault(entry.key, entry)

    async def entries(self) -> AsyncIterator[LedgerEntry]:
        for key in sorted(self.kept):
            yield self.kept[key]
