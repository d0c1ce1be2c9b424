"""The list of a launch's recipients, stored in parts before the campaign refers to it.

Recipients are named by their keys (`crm.customers.customer_key`): the list may outlive one's erasure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.campaigns.campaign import Campaign
from crm.customers.customer_key import customer_key
from crm.kernel.batches import batched

PARTITION_SIZE = 5_000
"""Recipients of one partition, which one worker cuts into chunks in one commit."""

MAX_SHARDS = 64
"""Counter documents of a large campaign. Each takes about one commit a second for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenList:
    """A list that a launch has written, perhaps in part. It is used only if its campaign refers to it."""

    name: str
    campaign_id: str
    etag: Any
    """The version of the list's document that was read; changes fail if it is no longer the current one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPart:
    """The recipients of one partition that has not been cut into chunks yet."""

    customer_keys: Sequence[str]
    etag: Any
    """The version of the part's document, for the commit that cuts it."""


def partitions_of(customer_ids: Sequence[str]) -> list[Sequence[str]]:
    """The keys of the audience, cut into partitions. Takes a second for a million customers."""
    return list(batched([customer_key(customer_id) for customer_id in customer_ids], PARTITION_SIZE))


def shard_count(recipients: int) -> int:
    """Counter documents for a campaign with so many recipients."""
    return min(MAX_SHARDS, 1 + recipients // PARTITION_SIZE)


def is_needed(frozen_list: FrozenList, campaign: Campaign | None) -> bool:
    """Whether chunks still have to be cut from this list: its campaign refers to it and is not frozen yet."""
    return (
        campaign is not None
        and campaign.frozen_list == frozen_list.name
        and campaign.audience is None
        and campaign.status in ("launching", "paused")
    )
