"""The simulated vendor's ledger: `vendor_ledger/{message_id}`, created when a message is first offered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient

from crm.kernel.errors import Unavailable
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION = "vendor_ledger"

ATTEMPTS = 8
"""Attempts at entering a batch while concurrent calls enter some of its messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One message."""

    message_id: str
    status: Literal["accepted", "rejected"]
    reason: str | None
    at: datetime
    """When it was first offered."""
    offered: int = 1
    """How often it was offered."""
    content: Mapping[str, Any] = field(default_factory=dict)
    """Recipient and text, where the simulator is set to keep them."""


class SimulatorLedger:
    """The ledger in one database."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def enter(self, entries: Sequence[LedgerEntry]) -> dict[str, LedgerEntry]:
        """Enter messages in one commit; the entry of each as it is now, by id.

        A message that was entered before keeps its entry and only counts the offer. Raises Unavailable.
        """
        times = Counter(entry.message_id for entry in entries)
        wanted = {e.message_id: replace(e, offered=times[e.message_id]) for e in reversed(entries)}
        known: dict[str, LedgerEntry] = {}
        for _ in range(ATTEMPTS):
            commit = Commit(self._client)
            for name, entry in wanted.items():
                if name in known:
                    commit.increment(_path(name), "offered", times[name])
                else:
                    commit.create(_path(name), _encoded(entry))
            try:
                await commit.send()
            except api.AlreadyExists:
                known = await self.get(list(wanted))
                continue
            return {**wanted, **known}
        raise Unavailable("The same messages are handed over by too many concurrent calls.", retry_after=1)

    async def get(self, message_ids: Sequence[str]) -> dict[str, LedgerEntry]:
        """The entries that exist, by id. Raises Unavailable."""
        found = await documents.get_many(self._client, [_path(name) for name in message_ids])
        entries = [_decoded(stored.fields) for stored in found.values()]
        return {entry.message_id: entry for entry in entries}

    async def summary(self) -> dict[str, int]:
        """How many `messages` there are, and how often they were `offered`. Raises Unavailable."""
        ledger = self._client.collection(COLLECTION)
        totals = await documents.aggregate(self._client, ledger, ["offered"])
        return {"messages": totals["count"], "offered": totals["offered"]}


def _path(message_id: str) -> str:
    return f"{COLLECTION}/{message_id}"


def _encoded(entry: LedgerEntry) -> dict[str, Any]:
    fields = {name: getattr(entry, name) for name in ("message_id", "status", "at", "offered")}
    if entry.reason is not None:
        fields["reason"] = entry.reason
    if entry.content:
        fields["content"] = entry.content
    return fields


def _decoded(fields: Mapping[str, Any]) -> LedgerEntry:
    return LedgerEntry(
        message_id=fields["message_id"],
        status=fields["status"],
        reason=fields.get("reason"),
        at=fields["at"],
        offered=fields["offered"],
        content=fields.get("content", {}),
    )
