"""What could not be processed, kept with its reason where an operator finds it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

MAX_PAYLOAD = 700_000
"""Bytes of a payload that are kept: a document holds one MiB. Our own messages are well below."""

MAX_REASON = 2_000
"""Characters of a reason that are kept."""

MAX_CUSTOMERS = 1_000
"""Customers that a letter is found by; our own messages hold no more."""

KEPT_FOR = timedelta(days=30)
"""Letters hold personal data, and nobody reads them for ever."""

KIND = "kind"
"""The attribute of a letter that is one record of a message: of which kind of records the message was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """`source` is the topic it came by, `payload` what failed as it was, `attributes` the broker's notes."""

    source: str
    reason: str
    payload: bytes
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for the same payload of the same topic and kind: what fails twice is kept once."""
        named = json.dumps([self.source, self.attributes.get(KIND, "")]).encode()
        return hashlib.sha256(named + b"\n" + self.payload).hexdigest()

    @property
    def message(self) -> bytes:
        """What its topic takes: the payload, a record of a pack in a pack of its own."""
        if KIND not in self.attributes:
            return self.payload
        return b'{"kind":%s,"records":[%s]}' % (json.dumps(self.attributes[KIND]).encode(), self.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLetter:
    """A letter as it is kept. Of one that was too long only the beginning is left: it is not `whole`.

    `times` is how often it was kept. A push that is repeated counts again, so it may be too many.
    """

    letter: DeadLetter
    letter_id: str
    at: datetime
    times: int
    whole: bool
    replayed_at: datetime | None
    etag: Any


def named_customers(payload: bytes) -> list[str]:
    """The ids of the customers that a payload of records speaks of, as far as it can be read."""
    try:
        content = json.loads(payload)
    except ValueError:
        return []
    values = content.get("records", [content]) if isinstance(content, dict) else []
    records = values if isinstance(values, list) else []
    found = {record.get("customer_id") for record in records if isinstance(record, dict)}
    return sorted(name for name in found if isinstance(name, str))[:MAX_CUSTOMERS]
