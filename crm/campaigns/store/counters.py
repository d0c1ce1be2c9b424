"""A campaign's counts, spread over shards so that many commits can move them at once.

`campaigns/{id}/counters/{n}` is one shard: a map from group ("all", or a cohort) to its counts. Whoever
changes rows of the log adds the movement in the same commit, to the shard that the row names, so at every
reading the sum of the shards is the sum of the rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from google.cloud.firestore import AsyncClient, AsyncWriteBatch, Increment

from crm.campaigns.campaign import COUNT_NAMES, EVERYONE, Campaign, Counts
from crm.platform.google_errors import RETRY, TIMEOUT, translated


def add(
    client: AsyncClient,
    batch: AsyncWriteBatch,
    campaign_id: str,
    shard: int,
    movements: Mapping[str, Counts],
) -> None:
    """Add movements by group ("all" and cohorts) to a shard, as part of `batch`. No movement, no write.

    One document may be written once only in a batch: add up movements of one shard before.
    """
    increments: dict[str, Any] = {}
    for group, counts in movements.items():
        moved = {name: getattr(counts, name) for name in COUNT_NAMES}
        changed = {name: Increment(delta) for name, delta in moved.items() if delta}
        if changed:
            increments[group] = changed
    if increments:
        batch.set(shard_document(client, campaign_id, shard), increments, merge=True)


class Counters:
    """Reads counts."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def read(self, campaigns: Sequence[Campaign]) -> dict[str, dict[str, Counts]]:
        """The counts of each campaign by group, "all" always among them, from one consistent read."""
        totals: dict[str, dict[str, Counts]] = {c.campaign_id: {EVERYONE: Counts()} for c in campaigns}
        shards = [shard_document(self._client, c.campaign_id, n) for c in campaigns for n in range(c.shards)]
        if not shards:
            return totals
        async with translated("The database"):
            async for snapshot in self._client.get_all(shards, retry=RETRY, timeout=TIMEOUT):
                groups = totals[snapshot.reference.parent.parent.id]
                for group, counts in (snapshot.to_dict() or {}).items():
                    groups[group] = groups.get(group, Counts()) + Counts(**counts)
        return totals


def shard_document(client: AsyncClient, campaign_id: str, number: int) -> Any:
    """The document of one shard."""
    return client.collection("campaigns").document(campaign_id).collection("counters").document(str(number))
