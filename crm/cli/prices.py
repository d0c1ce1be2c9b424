"""List prices in US dollars, and what is free, of an ordinary region (us-central1), as dated inputs.

They are Google's public list prices as known on AS_OF, and they change: read the pages in PAGES before you
rely on a figure, and give others with `crm cost --prices FILE`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

AS_OF: Final = date(2025, 12, 1)

PAGES: Final = (
    "https://cloud.google.com/firestore/pricing",
    "https://cloud.google.com/run/pricing",
    "https://cloud.google.com/pubsub/pricing",
    "https://cloud.google.com/vpc/network-pricing",
    "https://cloud.google.com/stackdriver/pricing",
    "https://cloud.google.com/scheduler/pricing",
    "https://cloud.google.com/secret-manager/pricing",
    "https://cloud.google.com/artifact-registry/pricing",
)

DAYS: Final = 30
"""Days of a month."""


@dataclass(frozen=True, slots=True)
class Price:
    """`each` dollars for one `unit`, after the first `free` of a month, or `free_a_day` of each day.

    What is left of a day's free amount is lost: a campaign of one day pays for what other days did not use.
    """

    unit: str
    each: float
    free: float = 0.0
    free_a_day: float = 0.0

    def of(self, units: float, burst: float = 0.0, days: int = 0) -> float:
        """Dollars for units that come evenly over a month, and for a `burst` on so many of its days."""
        if not self.free_a_day:
            return max(0.0, units + burst - self.free) * self.each
        quiet = max(0.0, units / DAYS - self.free_a_day) * (DAYS - days)
        busy = max(0.0, units / DAYS + burst / days - self.free_a_day) * days if days else 0.0
        return (quiet + busy) * self.each


LIST: Final[Mapping[str, Price]] = {
    "reads": Price("documents read", 0.03 / 100_000, free_a_day=50_000),
    "writes": Price("documents written", 0.09 / 100_000, free_a_day=20_000),
    "deletes": Price("documents deleted", 0.01 / 100_000, free_a_day=20_000),
    "stored": Price("GiB of documents and indexes", 0.15, 1.0),
    "past": Price("GiB that can be read as of any minute of a week", 0.15),
    "backups": Price("GiB of backups", 0.03),
    "cpu": Price("CPU seconds", 0.000024, 180_000),
    "memory": Price("GiB seconds", 0.0000025, 360_000),
    "warm_cpu": Price("CPU seconds kept warm", 0.0000025),
    "warm_memory": Price("GiB seconds kept warm", 0.0000025),
    "requests": Price("requests", 0.40 / 1_000_000, 2_000_000),
    "carried": Price("GiB through Pub/Sub", 40 / 1024, 10.0),
    "sent": Price("GiB sent out to vendors", 0.12, 1.0),
    "logged": Price("GiB of logs", 0.50, 50.0),
    "jobs": Price("scheduler jobs", 0.10, 3.0),
    "secrets": Price("versions of secrets", 0.06, 6.0),
    "images": Price("GiB of images", 0.10, 0.5),
    "alerts": Price("conditions of alerts", 0.10),
    "series": Price("series that alerts looked at", 0.35 / 1_000_000),
}
"""The first database of a project has free amounts; those of documents are of a day."""

MULTI_REGION: Final[Mapping[str, float]] = {
    "reads": 0.06 / 100_000,
    "writes": 0.18 / 100_000,
    "deletes": 0.02 / 100_000,
    "stored": 0.18,
    "past": 0.18,
}
"""What a database in a multi-region, such as eur3, costs otherwise."""


def changed(each: Mapping[str, float]) -> dict[str, Price]:
    """The list with other prices for some units. Raises LookupError for a name that it does not know."""
    unknown = each.keys() - LIST.keys()
    if unknown:
        names = ", ".join(sorted(unknown))
        raise LookupError(f"No price is called {names}. There are {', '.join(LIST)}.")
    return {name: replace(price, each=each.get(name, price.each)) for name, price in LIST.items()}
