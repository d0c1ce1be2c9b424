"""What could not be processed, kept with its reason where an operator finds it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_PAYLOAD = 700_000
"""Bytes of a payload that are kept: a document holds one MiB. Our own messages are well below."""

MAX_REASON = 2_000
"""Characters of a reason that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """`source` is the topic it came by, `payload` what failed as it was, `attributes` the broker's notes."""

    source: str
    reason: str
    payload: bytes
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for the same payload: what fails twice is kept once."""
        return hashlib.sha256(self.payload).hexdigest()
