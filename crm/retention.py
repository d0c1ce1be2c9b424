"""How long each collection of the database is kept: one table, which a test holds against code and Terraform.

Documents with a period carry `expires_at`, the field of a TTL policy; the database deletes them within a day
or so after that time. Readers leave out what has expired.

The periods are the process's, chosen once at its start, as the secret of customers' keys is: a process serves
one installation. A changed period concerns what is written from then on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

EXPIRES: Final = "expires_at"
"""The field of the TTL policies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """For how long documents are kept, unless the installation chooses another number of days."""

    days: int
    least: int
    most: int
    collections: tuple[str, ...]
    """Collection groups whose documents expire together."""


PERIODS: Final[Mapping[str, Period]] = {
    # A year, and some time to look back at it.
    "audit_log": Period(days=400, least=30, most=3650, collections=("audit_log",)),
    # They hold personal data, and are of no use for longer.
    "dead_letters": Period(days=30, least=7, most=90, collections=("dead_letters",)),
    "imports": Period(days=30, least=1, most=400, collections=("imports", "results")),
    # A year can be compared with the one before.
    "segment_snapshots": Period(days=400, least=7, most=3650, collections=("snapshots", "segment_members")),
    # Their row is looked for until they are up to 120 days old, see `crm.delivery.unmatched_receipts`.
    "unmatched_receipts": Period(days=180, least=120, most=400, collections=("unmatched_receipts",)),
}
"""What an installation may choose, by name."""

FIXED: Final[Mapping[str, str]] = {
    "used_nonces": "70 minutes, longer than a nonce is valid",
}
"""Collections that expire after a time that nobody chooses."""

KEPT: Final[Mapping[str, str]] = {
    "customers": "until they are erased; of an erased customer the mark stays",
    "orders": "until the customer is erased: totals are the sum of all orders",
    "communication_log": "as long as the campaign: its counters are compared with these rows",
    "campaigns": "for good; a draft until it is deleted",
    "partitions": "with the campaign",
    "chunks": "with the campaign",
    "counters": "with the campaign",
    "timeline": "with the campaign",
    "supervision": "with the campaign",
    "summaries": "with the campaign; a new one replaces it",
    "frozen_lists": "until the campaign sends; the tick removes those that no campaign uses",
    "parts": "with the frozen list",
    "segments": "until they are deleted",
    "versions": "until the segment is deleted",
    "audience_log": "until the compactor has folded it, minutes",
    "audience_blocks": "until the compactor replaces them",
    "audience_state": "for good: two documents",
    "erasure_queue": "until the erasure is finished, a quarter of an hour",
    "sample": "until the sample data are removed",
    "members": "until they are removed",
    "migrations": "for good: one document for each",
    "api_keys": "for good, also revoked ones",
    "webhook_secrets": "for good, also ended ones",
    "vendor_ledger": "for good, with the simulated vendor alone: audits compare campaigns with it",
}
"""Collections whose documents do not expire, and until when they are kept."""

_CHOSEN: Final[dict[str, timedelta]] = {}


def use(chosen: Iterable[str]) -> None:
    """Use these periods, such as `audit_log=800` in days, in place of the table's, in the whole process.

    Raises ValueError for a name that is not in the table, and for a number of days that it does not allow.
    """
    periods: dict[str, timedelta] = {}
    for text in chosen:
        name, _, days = text.partition("=")
        period = PERIODS.get(name)
        if period is None:
            raise ValueError(f"CRM_RETENTION: {name} is no period; there are {', '.join(PERIODS)}")
        if not days.isdecimal() or not period.least <= int(days) <= period.most:
            raise ValueError(f"CRM_RETENTION: {name} is {period.least} to {period.most} days")
        periods[name] = timedelta(days=int(days))
    _CHOSEN.clear()
    _CHOSEN.update(periods)


def kept(name: str) -> timedelta:
    """The period of this name in the table. Raises KeyError for another name."""
    return _CHOSEN.get(name) or timedelta(days=PERIODS[name].days)
