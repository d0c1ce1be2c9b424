"""A campaign's counts, spread over shards so that many commits can change them concurrently.

`campaigns/{id}/counters/{n}` is one shard: a map from group ("all", or a cohort) to its counts. Each commit
that changes rows of the log adds the movement to the rows' shard, so the shards always add up to the rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import COUNT_NAMES, EVERYONE, Campaign, Counts
from crm.kernel.stored_values import of_fields
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit, field_path


def add(commit: Commit, campaign_id: str, shard: int, movements: Mapping[str, Counts]) -> None:
    """Add movements by group ("all" and cohorts) to a shard as part of a commit. Does nothing without any."""
    changes = {
        field_path(group, name): delta
        for group, counts in movements.items()
        for name in COUNT_NAMES
        if (delta := getattr(counts, name))
    }
    if changes:
        commit.merge(shard_path(campaign_id, shard), {}, add=changes)


def decode(fields: Mapping[str, Any]) -> dict[str, Counts]:
    """The counts of a shard by group. What is no map is a field of a newer version."""
    return {
        group: of_fields(Counts, counts) for group, counts in fields.items() if isinstance(counts, Mapping)
    }


class Counters:
    """Reads counts."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def by_group(self, campaigns: Sequence[Campaign]) -> dict[str, dict[str, Counts]]:
        """The counts of each campaign by group, always with "all", from one consistent read.

        Raises Unavailable.
        """
        totals: dict[str, dict[str, Counts]] = {c.campaign_id: {EVERYONE: Counts()} for c in campaigns}
        shards = [shard_path(c.campaign_id, n) for c in campaigns for n in range(c.shards)]
        for path, stored in (await documents.get_many(self._client, shards)).items():
            groups = totals[path.split("/")[1]]
            for group, counts in decode(stored.fields).items():
                groups[group] = groups.get(group, Counts()) + counts
        return totals


def shard_path(campaign_id: str, number: int) -> str:
    """The path of a shard."""
    return f"campaigns/{campaign_id}/counters/{number}"
