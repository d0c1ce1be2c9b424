"""Dead letters as documents of `dead_letters`, named by a hash of the payload.

`customers` holds the keys of the customers that a letter names, so that an erasure finds it. `names_unknown`
marks a letter that may name others, too: `DeadLetters.erase_mentions` searches its text.
`expires_at` is the field of the collection's TTL policy.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from google.api_core.exceptions import FailedPrecondition
from google.api_core.exceptions import NotFound as Gone
from google.cloud.firestore import AsyncClient, AsyncQuery, FieldFilter

from crm import retention
from crm.customers.customer_key import customer_key
from crm.customers.dead_letters import (
    MAX_PAYLOAD,
    MAX_REASON,
    DeadLetter,
    KeptLetter,
    LetterFilter,
    LetterSummary,
    mentioned,
    without_customers,
)
from crm.customers.named_customers import MAX_CUSTOMERS, named_in
from crm.kernel.batches import packed
from crm.kernel.errors import Conflict, NotFound
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit

COLLECTION = "dead_letters"

ERASED_TOGETHER = 3
"""Letters of one erasing commit: each may hold `MAX_PAYLOAD` bytes, and a commit of the emulator 4 MiB."""

KEPT_TOGETHER = 1_000_000
"""Bytes of payloads and reasons of one commit, unless one letter is larger."""

ATTEMPTS = 1_000
"""Commits of one call that erases a customer from letters."""

SEARCHED_TOGETHER = 20
"""Marked letters of one read."""

AFTER_ALL = "g"
"""Sorts after every hexadecimal digit."""

PAGE = 300
"""Letters of one read without their payloads."""

_SUMMARY = ("source", "reason", "at", "expires_at", "times", "replayed_at")


def write(commit: Commit, letter: DeadLetter, at: datetime) -> None:
    """Add the letter to a commit. `payload` is stored as text if it is UTF-8, else as bytes; `size` is its
    length before it was cut.

    A letter stored before is overwritten with the latest reason and time, and `times` increases by one. A
    letter that was replayed and failed again is open again.
    """
    fields = {
        **_encoded(letter),
        "at": at,
        "expires_at": at + retention.kept("dead_letters"),
        "replayed_at": None,
    }
    commit.merge(f"{COLLECTION}/{letter.id}", fields, add={"times": 1})


def erase_from(commit: Commit, key: str, path: str, stored: documents.Stored) -> None:
    """Remove what a letter says of the customer with this key, unless it has changed since it was read.

    What it says of others stays, as another letter, for as long as the first one would have.
    """
    kept = _decoded(path.rpartition("/")[2], stored.fields, stored.etag)
    commit.delete(path, stored.etag)
    left = without_customers(kept.letter, lambda name: customer_key(name) == key) if kept.whole else None
    if left is not None and left is not kept.letter:
        commit.replace(f"{COLLECTION}/{left.id}", {**stored.fields, **_encoded(left)})


class DeadLetters:
    """Stores and finds dead letters."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def keep_all(self, letters: Sequence[DeadLetter]) -> None:
        """Store the letters, several a commit. Safe to repeat. Raises Unavailable."""
        for batch in packed(letters, lambda letter: len(letter.payload) + MAX_REASON, KEPT_TOGETHER):
            commit = Commit(self._client)
            for letter in batch:
                write(commit, letter, datetime.now(UTC))
            await commit.send()

    async def newest(self, limit: int, now: datetime) -> list[KeptLetter]:
        """Up to `limit` letters, newest first."""
        found = await self._read(self._letters().order_by("at", direction=AsyncQuery.DESCENDING).limit(limit))
        return [kept for kept in found if kept.expires_at > now]

    async def find(self, prefix: str) -> KeptLetter:
        """The letter whose id starts with `prefix`. Raises NotFound if none does, Conflict if several do."""
        if not prefix or not set(prefix) <= set("0123456789abcdef"):
            raise NotFound("There is no such dead letter.")
        letters: Any = self._letters()
        query = letters.order_by("__name__").start_at({"__name__": letters.document(prefix)})
        query = query.end_before({"__name__": letters.document(prefix + AFTER_ALL)})
        found = await self._read(query.limit(2))
        if not found:
            raise NotFound("There is no such dead letter.")
        if len(found) > 1:
            raise Conflict("Several dead letters have ids that start so: give more of the id.")
        return found[0]

    async def get(self, letter_id: str) -> KeptLetter | None:
        """The letter with this id, if it is still there. Raises Unavailable."""
        stored = await documents.get(self._client, f"{COLLECTION}/{letter_id}")
        return stored and _decoded(letter_id, stored.fields, stored.etag)

    async def matching(self, wanted: LetterFilter, now: datetime) -> AsyncIterator[LetterSummary]:
        """The letters that are meant, without their payloads; those of no customer by time, the oldest first.

        Reads every letter of the time that is asked about, or all that name the customer. Raises Unavailable.
        """
        query = self._letters()
        if wanted.customer_key:
            query = naming(self._client, wanted.customer_key).order_by("__name__")
        else:
            query = query.where(filter=FieldFilter("at", "<", wanted.until or now))
            if wanted.since is not None:
                query = query.where(filter=FieldFilter("at", ">=", wanted.since))
            query = query.order_by("at").order_by("__name__")
        query = page_query = query.select(_SUMMARY).limit(PAGE)
        while True:
            page = (await documents.query(self._client, page_query)).documents
            for name, stored in page.items():
                letter = _summary(name, stored.fields)
                if letter.expires_at > now and wanted.admits(letter):
                    yield letter
            if len(page) < PAGE:
                return
            name, last = list(page.items())[-1]
            place: dict[str, Any] = {"__name__": self._letters().document(name)}
            if not wanted.customer_key:
                place["at"] = last.fields["at"]
            page_query = query.start_after(place)

    async def of_customer(self, customer_id: str, now: datetime) -> list[KeptLetter]:
        """Letters that name this customer and nobody else."""
        only = [customer_key(customer_id)]
        found = await self._read(self._letters().where(filter=FieldFilter("customers", "==", only)))
        return [kept for kept in found if kept.expires_at > now]

    async def erase_customer(self, key: str) -> None:
        """Remove the customer with this key from all letters. Raises Conflict where one keeps changing."""
        for _ in range(ATTEMPTS):
            found = await documents.query(self._client, naming(self._client, key).limit(ERASED_TOGETHER))
            if not found.documents:
                return
            commit = Commit(self._client)
            for name, stored in found.documents.items():
                erase_from(commit, key, f"{COLLECTION}/{name}", stored)
            with suppress(FailedPrecondition, Gone):
                await commit.send()
        raise Conflict("The letters that name a customer change too often right now.")

    async def erase_mentions(self, customer_ids: Collection[str]) -> None:
        """Remove these customers from all letters of which it is not known whom they name.

        Reads the text of every such letter. Safe to repeat. Raises Unavailable.
        """
        query = self._letters().where(filter=FieldFilter("names_unknown", "==", True)).order_by("__name__")
        query = page_query = query.limit(SEARCHED_TOGETHER)
        while True:
            found = await self._read(page_query)
            for kept in found:
                gone = await asyncio.to_thread(mentioned, kept.letter, customer_ids)
                if gone:
                    await self._erase_mentions(kept, gone)
            if len(found) < SEARCHED_TOGETHER:
                return
            page_query = query.start_after({"__name__": self._letters().document(found[-1].letter_id)})

    async def _erase_mentions(self, kept: KeptLetter, customer_ids: Collection[str]) -> None:
        stored = await documents.get(self._client, f"{COLLECTION}/{kept.letter_id}")
        if stored is None:
            return
        commit = Commit(self._client)
        commit.delete(f"{COLLECTION}/{kept.letter_id}")  # a letter of this id always has this payload
        left = without_customers(kept.letter, lambda name: name in customer_ids) if kept.whole else None
        if left is not None and not mentioned(left, customer_ids):
            commit.replace(f"{COLLECTION}/{left.id}", {**stored.fields, **_encoded(left)})
        await commit.send()

    async def mark_replayed(self, kept: KeptLetter, now: datetime) -> None:
        """Record that the letter was published again. Raises Conflict if it changed since it was read."""
        commit = Commit(self._client)
        commit.update(f"{COLLECTION}/{kept.letter_id}", {"replayed_at": now}, kept.etag)
        try:
            await commit.send()
        except (FailedPrecondition, Gone) as error:
            raise Conflict("The letter has changed meanwhile.") from error

    def _letters(self) -> Any:
        return self._client.collection(COLLECTION)

    async def _read(self, query: AsyncQuery) -> list[KeptLetter]:
        found = await documents.query(self._client, query)
        return [_decoded(name, stored.fields, stored.etag) for name, stored in found.documents.items()]


def naming(client: AsyncClient, key: str) -> Any:
    """A query for the letters that name the customer with this key."""
    return client.collection(COLLECTION).where(filter=FieldFilter("customers", "array_contains", key))


def _encoded(letter: DeadLetter) -> dict[str, Any]:
    named = named_in(letter.payload)
    keys = [customer_key(name) for name in sorted(named.customers)[:MAX_CUSTOMERS]]
    return {
        "source": letter.source,
        "reason": letter.reason[:MAX_REASON],
        "payload": _text(letter.payload[:MAX_PAYLOAD]),
        "size": len(letter.payload),
        "attributes": dict(letter.attributes),
        "customers": keys,
        "names_unknown": not named.is_certain,
    }


def _decoded(name: str, fields: Mapping[str, Any], etag: Any) -> KeptLetter:
    payload = fields["payload"]
    content = payload.encode() if isinstance(payload, str) else payload
    letter = DeadLetter(
        source=fields["source"], reason=fields["reason"], payload=content, attributes=fields["attributes"]
    )
    return KeptLetter(
        letter=letter,
        letter_id=name,
        at=fields["at"],
        expires_at=fields["expires_at"],
        times=fields.get("times", 1),
        whole=len(content) == fields["size"],
        replayed_at=fields.get("replayed_at"),
        etag=etag,
    )


def _summary(name: str, fields: Mapping[str, Any]) -> LetterSummary:
    return LetterSummary(
        letter_id=name,
        source=fields["source"],
        reason=fields["reason"],
        at=fields["at"],
        expires_at=fields["expires_at"],
        times=fields.get("times", 1),
        replayed_at=fields.get("replayed_at"),
    )


def _text(payload: bytes) -> str | bytes:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload
