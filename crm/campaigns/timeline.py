"""A campaign's figures over time: how they moved, by stretches of time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from crm.campaigns.campaign import Counts

FINEST: Final = 10
"""Seconds of a stretch as it is stored."""

WIDTHS: Final = (FINEST, 60, 300, 900, 3600, 21_600)
"""Seconds of a stretch as it is shown."""

SHOWN: Final = 240
"""Stretches that are shown, or fewer: wider ones take their place."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Movements by the beginning of their stretch, oldest first; `seconds` is how wide each is. Stretches in
    which nothing moved are left out. The movements add up to the campaign's counts."""

    seconds: int
    movements: Sequence[tuple[datetime, Counts]]


def stretch(at: datetime, seconds: int = FINEST) -> datetime:
    """The beginning of the stretch that a moment lies in."""
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


def timeline(movements: Mapping[datetime, Counts]) -> Timeline:
    """Movements by their finest stretch, in stretches that are wide enough to be shown together."""
    if movements:
        span = max(movements) - min(movements)
        seconds = next((width for width in WIDTHS if span < timedelta(seconds=width * SHOWN)), WIDTHS[-1])
    else:
        seconds = FINEST
    sums: dict[datetime, Counts] = defaultdict(Counts)
    for at, moved in movements.items():
        sums[stretch(at, seconds)] += moved
    return Timeline(seconds, [(at, sums[at]) for at in sorted(sums) if sums[at] != Counts()])
