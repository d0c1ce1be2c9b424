"""The functions, their topics, subscriptions and routes.

The local stack creates topics, subscriptions and gateway routes from this. Terraform repeats it, and a test
compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

DEFAULT_DATABASE: Final = "(default)"
"""The name of a project's default database."""

DEAD_LETTERS: Final = "dead-letters"
"""Topic of messages that no handler could process; the consumer stores them for an operator."""


@dataclass(frozen=True, slots=True)
class Push:
    """A topic, its push subscription of the same name, and the function that handles `POST /events/<topic>`.

    Times in seconds. Vendor timeout < function timeout < acknowledgement deadline <= lease.
    """

    topic: str
    function: str
    ack_deadline: int = 60
    retry_min: int = 1
    retry_max: int = 60
    max_attempts: int = 10

    @property
    def path(self) -> str:
        return f"/events/{self.topic}"


PUSHES: Final = (
    Push("records", "consumer"),
    Push("partitions", "deliver", ack_deadline=120),
    Push("chunks", "deliver", ack_deadline=120, max_attempts=20),
    Push("receipts", "receipts"),
    Push("vendor-callbacks", "vendor", max_attempts=50),
    Push(DEAD_LETTERS, "consumer", retry_max=600, max_attempts=100),
)

TICK_PATH: Final = "/events/tick"
"""The scheduler's call to `deliver`: recover leases, finish campaigns, start due ones."""

TICK_FUNCTION: Final = "deliver"

FUNCTIONS: Final = ("ingest", "consumer", "campaigns", "deliver", "receipts", "summarize", "vendor")

REQUEST_TIMEOUTS: Final[Mapping[str, int]] = {
    "ingest": 60,
    "consumer": 50,
    "campaigns": 60,
    "deliver": 110,
    "receipts": 50,
    "summarize": 60,
    "vendor": 50,
}
"""Seconds after which the platform ends a request, so that every push is answered before its deadline."""

PUBLISHES: Final[Mapping[str, tuple[str, ...]]] = {
    "ingest": ("records",),
    "consumer": (),
    "campaigns": ("records", "partitions", "chunks"),
    "deliver": ("partitions", "chunks"),
    "receipts": ("receipts",),
    "summarize": (),
    "vendor": ("vendor-callbacks",),
}
"""Function → the topics that it publishes to; in the cloud it has permission for these only."""

READERS: Final = frozenset({"ingest"})
"""Functions that only read the database; in the cloud they have no permission to write."""

ROUTES: Final = (
    ("/api/v1/ingest", "ingest"),
    ("/api/v1/receipts", "receipts"),
    ("/api/v1/unsubscribe", "receipts"),
    ("/api/v1/ai", "summarize"),
    ("/api", "campaigns"),
)
"""Path prefix → function; the first match wins. The last one answers 404 for whatever is not there.

Used by Hosting, the local gateway and Terraform."""
