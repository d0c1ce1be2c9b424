"""Messages and records that could not be processed, kept with the reason for an operator."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crm.customers.named_customers import MAX_CUSTOMERS, named_by, named_in, parsed, text_of
from crm.schemas import SCHEMA

MAX_PAYLOAD = 700_000
"""Bytes of a payload that are kept: a document holds one MiB."""

MAX_PACK = 650_000
"""Bytes of the records or receipts in one of our own messages. So a letter keeps the message whole, with what
surrounds them, and none of them is lost."""

MAX_REASON = 2_000
"""Characters of a reason that are kept."""

PARTLY_ERASED = "it named a customer who is erased by now; what was wrong is not kept"
"""The reason of a letter after `without_customers`: the former one may have spoken of that customer."""

KIND = "kind"
"""The attribute of a letter that holds a single record: the kind of the records in its message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A payload that failed, and why."""

    source: str
    """The topic that it came from."""

    reason: str
    payload: bytes
    """Unchanged, as it was received."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    """The message's attributes."""

    @property
    def id(self) -> str:
        """A hash of topic, kind and payload: a payload that fails twice is stored once."""
        named = json.dumps([self.source, self.attributes.get(KIND, "")]).encode()
        return hashlib.sha256(named + b"\n" + self.payload).hexdigest()

    @property
    def message(self) -> bytes:
        """The message to publish again: the payload; a single record is wrapped in a batch of its own."""
        if KIND not in self.attributes:
            return self.payload
        return b'{"kind":%s,"records":[%s]}' % (json.dumps(self.attributes[KIND]).encode(), self.payload)

    @property
    def message_attributes(self) -> Mapping[str, str]:
        """The attributes to publish it with: the version of its schema, where that is known."""
        return {name: value for name, value in self.attributes.items() if name == SCHEMA}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSummary:
    """A stored letter without its payload."""

    letter_id: str
    source: str
    reason: str
    at: datetime
    """When it was last stored."""

    expires_at: datetime
    times: int
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLetter:
    """A stored letter."""

    letter: DeadLetter
    letter_id: str
    at: datetime
    """When it was last stored."""

    expires_at: datetime
    """When the database deletes it, or a day later."""

    times: int
    """How often it was stored. A repeated push counts again, so this is an upper bound."""

    whole: bool
    """False if the payload was longer than `MAX_PAYLOAD`, and cut."""

    replayed_at: datetime | None
    etag: Any

    @property
    def summary(self) -> LetterSummary:
        """The letter without its payload."""
        return LetterSummary(
            letter_id=self.letter_id,
            source=self.letter.source,
            reason=self.letter.reason,
            at=self.at,
            expires_at=self.expires_at,
            times=self.times,
            replayed_at=self.replayed_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilter:
    """Which letters are meant. An empty filter means all that are stored."""

    source: str = ""
    """The topic that they came from."""

    reason: str = ""
    """A part of the reason, in any case."""

    customer_key: str = ""
    """The key of a customer whom they name."""

    since: datetime | None = None
    until: datetime | None = None
    """Last stored from `since` until before `until`."""

    only_open: bool = False
    """Only those that were not replayed, or failed again since."""

    def admits(self, letter: LetterSummary) -> bool:
        """Whether the letter is meant, but for the customers whom it names, which a summary does not say."""
        return (
            (not self.source or letter.source == self.source)
            and self.reason.casefold() in letter.reason.casefold()
            and (self.since is None or letter.at >= self.since)
            and (self.until is None or letter.at < self.until)
            and not (self.only_open and letter.replayed_at is not None)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterGroup:
    """Letters of one topic that failed for the same reason."""

    source: str
    reason: str
    count: int
    oldest: datetime
    newest: datetime


def grouped(letters: Iterable[LetterSummary]) -> list[LetterGroup]:
    """The letters by topic and reason, the largest group first."""
    times: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for letter in letters:
        times[letter.source, letter.reason].append(letter.at)
    groups = [
        LetterGroup(source=source, reason=reason, count=len(found), oldest=min(found), newest=max(found))
        for (source, reason), found in times.items()
    ]
    return sorted(groups, key=lambda group: (-group.count, group.source, group.reason))


def named_customers(payload: bytes) -> list[str]:
    """The sorted ids of at most `MAX_CUSTOMERS` customers whom a payload names, or may name."""
    return sorted(named_in(payload).customers)[:MAX_CUSTOMERS]


def without_customers(letter: DeadLetter, is_erased: Callable[[str], bool]) -> DeadLetter | None:
    """The letter without the records of customers with such ids.

    None if nothing else is in it, or if it names them elsewhere than in its records.
    """
    if not any(map(is_erased, named_in(letter.payload).customers)):
        return letter
    try:
        content = parsed(letter.payload)
        records = content.get("records") if isinstance(content, dict) else None
        if not isinstance(records, list):
            return None
        kept = [each for each in records if not any(map(is_erased, named_by(each).customers))]
        text = json.dumps({**content, "records": kept}, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        return None
    # Half a pair of surrogates has no bytes in UTF-8; with a backslash it is what JSON writes for it.
    left = replace(letter, payload=text.encode(errors="backslashreplace"), reason=PARTLY_ERASED)
    return left if kept and not any(map(is_erased, named_in(left.payload).customers)) else None


def mentioned(letter: DeadLetter, customer_ids: Iterable[str]) -> list[str]:
    """Those of these ids that are anywhere in what is kept of the letter."""
    text = text_of(letter.payload, letter.attributes, letter.reason)
    return [customer_id for customer_id in customer_ids if text.holds(customer_id)]
