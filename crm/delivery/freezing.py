"""Cutting a partition of the frozen list into chunks."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.campaigns.campaign import CHUNK_SIZE, Campaign
from crm.campaigns.rate_limit import chunk_size
from crm.delivery.chunk import Chunk
from crm.kernel.batches import batched


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPartition:
    """The marker of a partition whose chunks are written: how many recipients, in how many chunks."""

    partition: int
    recipients: int
    chunks: int

    @property
    def chunk_ids(self) -> list[str]:
        return [chunk_name(self.partition, position) for position in range(self.chunks)]


def chunk_name(partition: int, position: int) -> str:
    """The id of a chunk: the same for the same partition and position, so writing it twice conflicts."""
    return f"{partition:04d}-{position:04d}"


def chunks_of(campaign: Campaign, partition: int, customer_keys: Sequence[str]) -> list[Chunk]:
    """The recipients of one partition as chunks, spread over the campaign's counter shards."""
    size = chunk_size(campaign.rate, CHUNK_SIZE)
    return [
        Chunk(
            campaign_id=campaign.campaign_id,
            chunk_id=chunk_name(partition, position),
            customer_keys=tuple(keys),
            shard=(partition + position) % campaign.shards,
        )
        for position, keys in enumerate(batched(customer_keys, size))
    ]
