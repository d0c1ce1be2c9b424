"""The audience of a launch: one list of recipients, kept in parts, of which each becomes chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.campaigns.campaign import CHUNK_SIZE, Campaign, Chunk
from crm.campaigns.rate_limit import chunk_size
from crm.kernel.id_lists import cut

PARTITION_SIZE = 5_000
"""Recipients of one partition: what one worker makes chunks of in one commit."""

MAX_SHARDS = 64
"""Documents that a large campaign's counts are spread over: each takes about one commit a second for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenList:
    """A list that somebody wrote, or began to write, for a launch. It counts once the campaign names it.

    `token` is the store's own mark of the reading: who changes the list names it.
    """

    name: str
    campaign_id: str
    token: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPart:
    """The recipients of one partition that have no chunks yet. `token` is the store's, for cutting it."""

    customer_ids: Sequence[str]
    token: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The marker of a partition whose chunks are written: how many recipients, in how many chunks."""

    partition: int
    recipients: int
    chunks: int

    @property
    def chunk_ids(self) -> list[str]:
        return [chunk_name(self.partition, place) for place in range(self.chunks)]


def partitions_of(customer_ids: Sequence[str]) -> list[Sequence[str]]:
    """An audience in parts."""
    return list(cut(customer_ids, PARTITION_SIZE))


def shard_count(recipients: int) -> int:
    """Over how many documents a campaign's counts are spread."""
    return min(MAX_SHARDS, 1 + recipients // PARTITION_SIZE)


def chunk_name(partition: int, place: int) -> str:
    return f"{partition:04d}-{place:04d}"


def chunks_of(campaign: Campaign, partition: int, customer_ids: Sequence[str]) -> list[Chunk]:
    """The recipients of one partition as chunks, each with its counter shard."""
    size = chunk_size(campaign.rate, CHUNK_SIZE)
    starts = range(0, len(customer_ids), size)
    return [
        Chunk(
            campaign_id=campaign.campaign_id,
            chunk_id=chunk_name(partition, place),
            customer_ids=tuple(customer_ids[start : start + size]),
            shard=(partition + place) % campaign.shards,
        )
        for place, start in enumerate(starts)
    ]


def is_needed(frozen_list: FrozenList, campaign: Campaign | None) -> bool:
    """Whether chunks are still to be made of this list: not of one that lost, nor once all are made."""
    return (
        campaign is not None
        and campaign.frozen_list == frozen_list.name
        and campaign.audience is None
        and campaign.status in ("launching", "paused")
    )
