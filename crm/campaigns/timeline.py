"""Changes of a campaign's counts over time, in buckets."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from crm.campaigns.campaign import Counts

FINEST: Final = 10
"""Seconds of a stored bucket."""

WIDTHS: Final = (FINEST, 60, 300, 900, 3600, 21_600)
"""Seconds that a bucket may have when shown."""

MAX_BUCKETS: Final = 240
"""Buckets shown at most; a longer campaign gets wider ones."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The movements of a campaign's counts. They add up to the counts."""

    seconds: int
    """Width of a bucket."""
    movements: Sequence[tuple[datetime, Counts]]
    """By the start of their bucket, oldest first. Buckets without a movement are left out."""


def bucket_start(at: datetime, seconds: int = FINEST) -> datetime:
    """The start of the bucket that contains `at`."""
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


def timeline(movements: Mapping[datetime, Counts]) -> Timeline:
    """Merge movements by stored bucket into the narrowest buckets of which at most MAX_BUCKETS are needed."""
    if movements:
        span = max(movements) - min(movements)
        fitting = (width for width in WIDTHS if span < timedelta(seconds=width * MAX_BUCKETS))
        seconds = next(fitting, WIDTHS[-1])
    else:
        seconds = FINEST
    sums: dict[datetime, Counts] = defaultdict(Counts)
    for at, moved in movements.items():
        sums[bucket_start(at, seconds)] += moved
    return Timeline(seconds, [(at, sums[at]) for at in sorted(sums) if sums[at] != Counts()])
