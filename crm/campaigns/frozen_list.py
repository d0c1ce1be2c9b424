"""The recipients of a launch, written down before the campaign names them, in parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.campaigns.campaign import Campaign
from crm.kernel.id_lists import cut

PARTITION_SIZE = 5_000
"""Recipients of one partition: what one worker makes chunks of in one commit."""


MAX_SHARDS = 64
"""Documents that a large campaign's counts are spread over: each takes about one commit a second for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenList:
    """A list that somebody wrote, or began to write, for a launch. It counts once the campaign names it.

    `etag` is the store's own mark of the reading: who changes the list names it.
    """

    name: str
    campaign_id: str
    etag: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPart:
    """The recipients of one partition that have no chunks yet. `etag` is the store's, for cutting it."""

    customer_ids: Sequence[str]
    etag: Any


def partitions_of(customer_ids: Sequence[str]) -> list[Sequence[str]]:
    """An audience in parts."""
    return list(cut(customer_ids, PARTITION_SIZE))


def shard_count(recipients: int) -> int:
    """Over how many documents a campaign's counts are spread."""
    return min(MAX_SHARDS, 1 + recipients // PARTITION_SIZE)


def is_needed(frozen_list: FrozenList, campaign: Campaign | None) -> bool:
    """Whether chunks are still to be made of this list: not of one that lost, nor once all are made."""
    return (
        campaign is not None
        and campaign.frozen_list == frozen_list.name
        and campaign.audience is None
        and campaign.status in ("launching", "paused")
    )
