"""How a campaign's counts moved: `campaigns/{id}/timeline/{yyyymmddhh}-{n}`, an hour and a shard.

A document holds a map from the seconds into its hour to movements. Whoever moves the counts adds the movement
in the same commit, one document a campaign, so the sum over a timeline is the sum of the counts' shards.
"""

from datetime import datetime
from typing import Final

from google.cloud.firestore import AsyncClient

from crm.campaigns.campaign import ROW_STATUSES, Counts
from crm.campaigns.timeline import stretch
from crm.platform.firestore import documents
from crm.platform.firestore.commits import Commit, field_path

COLLECTION: Final = "timeline"
HOUR: Final = 3600


def add(commit: Commit, campaign_id: str, shard: int, moved: Counts, at: datetime) -> None:
    """Add a movement to a shard, as part of a commit; openings and clicks are left out."""
    changes = {name: delta for name in ROW_STATUSES if (delta := getattr(moved, name))}
    if changes:
        hour = stretch(at, HOUR)
        into = int((stretch(at) - hour).total_seconds())
        name = f"{hour:%Y%m%d%H}-{shard}"
        added = {field_path("moved", f"s{into}", status): delta for status, delta in changes.items()}
        commit.merge(f"campaigns/{campaign_id}/{COLLECTION}/{name}", {"hour": hour}, add=added)


class Timelines:
    """Reads timelines."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def read(self, campaign_id: str) -> dict[datetime, Counts]:
        """What moved, by the beginning of its stretch; a read an hour and shard. Raises Unavailable."""
        collection = self._client.collection(f"campaigns/{campaign_id}/{COLLECTION}")
        found = await documents.query(self._client, collection.order_by("__name__"))
        sums: dict[datetime, Counts] = {}
        for stored in found.documents.values():
            start = stored.fields["hour"].timestamp()
            for name, counts in stored.fields["moved"].items():
                at = stretch(datetime.fromtimestamp(start + int(name[1:]), stored.fields["hour"].tzinfo))
                sums[at] = sums.get(at, Counts()) + Counts(**counts)
        return sums
