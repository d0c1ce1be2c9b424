"""The simulated vendor's books: one document a message that it was ever offered, made once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from google.api_core import exceptions as api
from google.cloud.firestore import AsyncClient

from crm.kernel.errors import Unavailable
from crm.platform.firestore import documents

COLLECTION = "vendor_ledger"

ATTEMPTS = 8
"""How often a batch is entered anew because somebody else entered one of its messages meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message in the books, entered `at` its first offer; `offered` counts them all.

    `content` is what was to be sent, where the vendor keeps that.
    """

    message_id: str
    status: Literal["accepted", "rejected"]
    reason: str | None
    at: datetime
    offered: int = 1
    content: Mapping[str, Any] = field(default_factory=dict)


class VendorLedger:
    """The books of one database."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def enter(self, entries: Sequence[Entry]) -> dict[str, Entry]:
        """Enter messages, all at once; answers how each stands in the books, by id.

        A message that was known before stays as it was and only counts the offer. Raises Unavailable.
        """
        times = Counter(entry.message_id for entry in entries)
        wanted = {e.message_id: replace(e, offered=times[e.message_id]) for e in reversed(entries)}
        known: dict[str, Entry] = {}
        for _ in range(ATTEMPTS):
            commit = documents.Commit(self._client)
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
        raise Unavailable("The same messages are being offered too often at once.", retry_after=1)

    async def get(self, message_ids: Sequence[str]) -> dict[str, Entry]:
        """Those of the messages that are in the books. Raises Unavailable."""
        found = await documents.read(self._client, [_path(name) for name in message_ids])
        entries = [_decoded(stored.fields) for stored in found.values()]
        return {entry.message_id: entry for entry in entries}

    async def summary(self) -> dict[str, int]:
        """`messages` in the books, and how often they were `offered`. Raises Unavailable."""
        ledger = self._client.collection(COLLECTION)
        totals = await documents.aggregate(self._client, ledger, ["offered"])
        return {"messages": totals["count"], "offered": totals["offered"]}


def _path(message_id: str) -> str:
    return f"{COLLECTION}/{message_id}"


def _encoded(entry: Entry) -> dict[str, Any]:
    fields = {name: getattr(entry, name) for name in ("message_id", "status", "at", "offered")}
    if entry.reason is not None:
        fields["reason"] = entry.reason
    if entry.content:
        fields["content"] = entry.content
    return fields


def _decoded(fields: Mapping[str, Any]) -> Entry:
    return Entry(
        message_id=fields["message_id"],
        status=fields["status"],
        reason=fields.get("reason"),
        at=fields["at"],
        offered=fields["offered"],
        content=fields.get("content", {}),
    )
