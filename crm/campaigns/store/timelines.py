"""How a campaign's counts moved: `campaigns/{id}/timeline/{yyyymmddhh}-{n}`, an hour and a shard.

A document holds a map from the seconds into its hour to movements. Whoever moves the counts adds the movement
in the same commit, one document a campaign, so the sum over a timeline is the sum of the counts' shards.
"""

from datetime import datetime
from typing import Final

from google.cloud.firestore import AsyncClient, AsyncWriteBatch, Increment

from crm.campaigns.campaign import ROW_STATUSES, Counts
from crm.campaigns.timeline import stretch
from crm.platform.firestore import documents

COLLECTION: Final = "timeline"
HOUR: Final = 3600


def add(
    client: AsyncClient, batch: AsyncWriteBatch, campaign_id: str, shard: int, moved: Counts, at: datetime
) -> None:
    """Add what moved to a shard, as part of `batch`; what people opened and clicked is left out.

    One document may be written once only in a batch: add up the movements of one campaign before.
    """
    counts = {name: Increment(delta) for name in ROW_STATUSES if (delta := getattr(moved, name))}
    if counts:
        hour = stretch(at, HOUR)
        into = int((stretch(at) - hour).total_seconds())
        name = f"{hour:%Y%m%d%H}-{shard}"
        document = client.document(f"campaigns/{campaign_id}/{COLLECTION}/{name}")
        batch.set(document, {"hour": hour, "moved": {f"s{into}": counts}}, merge=True)


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
