"""Movements of a campaign's counts over time: `campaigns/{id}/timeline/{yyyymmddhh}-{n}`, per hour and shard.

A document maps seconds into its hour to movements. Every commit that moves counts adds the movement to one
document of each campaign, so a timeline's movements add up to the counters.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import ROW_STATUSES, Counts
from crm.campaigns.timeline import bucket_start
from crm.kernel.stored_values import of_fields
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit, field_path

COLLECTION: Final = "timeline"
HOUR: Final = 3600


def add(commit: Commit, campaign_id: str, shard: int, moved: Counts, at: datetime) -> None:
    """Add a movement to a shard as part of a commit, without openings and clicks."""
    changes = {name: delta for name in ROW_STATUSES if (delta := getattr(moved, name))}
    if changes:
        hour = bucket_start(at, HOUR)
        into = int((bucket_start(at) - hour).total_seconds())
        name = f"{hour:%Y%m%d%H}-{shard}"
        added = {field_path("moved", f"s{into}", status): delta for status, delta in changes.items()}
        commit.merge(f"campaigns/{campaign_id}/{COLLECTION}/{name}", {"hour": hour}, add=added)


class Timelines:
    """Reads timelines."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def movements(self, campaign_id: str) -> dict[datetime, Counts]:
        """Movements by the start of their bucket, from one document an hour and shard. Raises Unavailable."""
        collection = self._client.collection(f"campaigns/{campaign_id}/{COLLECTION}")
        found = await documents.query(self._client, collection.order_by("__name__"))
        sums: dict[datetime, Counts] = {}
        for stored in found.documents.values():
            start = stored.fields["hour"].timestamp()
            for name, counts in stored.fields["moved"].items():
                if not isinstance(counts, Mapping):
                    continue  # a field of a newer version
                at = bucket_start(datetime.fromtimestamp(start + int(name[1:]), stored.fields["hour"].tzinfo))
                sums[at] = sums.get(at, Counts()) + of_fields(Counts, counts)
        return sums
