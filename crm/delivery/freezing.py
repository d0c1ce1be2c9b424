"""The audience of a launch: one list of recipients, kept in parts, of which each becomes chunks."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.campaigns.campaign import CHUNK_SIZE, Campaign
from crm.campaigns.rate_limit import chunk_size
from crm.delivery.log import Chunk
from crm.kernel.batches import batched


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The marker of a partition whose chunks are written: how many recipients, in how many chunks."""

    partition: int
    recipients: int
    chunks: int

    @property
    def chunk_ids(self) -> list[str]:
        return [chunk_name(self.partition, place) for place in range(self.chunks)]


def chunk_name(partition: int, place: int) -> str:
    return f"{partition:04d}-{place:04d}"


def chunks_of(campaign: Campaign, partition: int, customer_ids: Sequence[str]) -> list[Chunk]:
    """The recipients of one partition as chunks, each with its counter shard."""
    size = chunk_size(campaign.rate, CHUNK_SIZE)
    return [
        Chunk(
            campaign_id=campaign.campaign_id,
            chunk_id=chunk_name(partition, place),
            customer_ids=tuple(ids),
            shard=(partition + place) % campaign.shards,
        )
        for place, ids in enumerate(batched(customer_ids, size))
    ]
