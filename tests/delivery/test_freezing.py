"""How the audience of a launch is divided, and when its list is needed."""

from dataclasses import replace

import pytest

from crm.campaigns.frozen_list import FrozenList, is_needed, partitions_of, shard_count
from crm.customers.customer_key import customer_key
from crm.delivery.freezing import FrozenPartition, chunks_of
from tests.builders import campaign

CAMPAIGN = campaign(status="launching", shards=3, frozen_list="mine")
MINE = FrozenList(name="mine", campaign_id="c1", etag=None)


@pytest.mark.parametrize(
    ("recipients", "partitions", "shards"),
    [(1, 1, 1), (5_000, 1, 2), (5_001, 2, 2), (74_999, 15, 15), (1_000_000, 200, 64)],
)
def test_partitions_and_shards_follow_the_size(recipients: int, partitions: int, shards: int) -> None:
    ids = [f"C-{n}" for n in range(recipients)]
    parts = partitions_of(ids)
    assert len(parts) == partitions
    assert [key for part in parts for key in part] == list(map(customer_key, ids))
    assert shard_count(recipients) == shards


def test_chunks_hold_every_recipient_once_and_the_marker_names_them() -> None:
    names = [f"C-{n}" for n in range(1_201)]
    chunks = chunks_of(CAMPAIGN, 7, names)
    assert [len(chunk.customer_keys) for chunk in chunks] == [500, 500, 201]
    assert [name for chunk in chunks for name in chunk.customer_keys] == names
    assert {chunk.shard for chunk in chunks} == {0, 1, 2}
    marker = FrozenPartition(partition=7, recipients=1_201, chunks=3)
    assert marker.chunk_ids == [chunk.chunk_id for chunk in chunks]


def test_a_list_is_needed_while_its_campaign_names_it_and_chunks_are_to_be_made() -> None:
    assert is_needed(MINE, CAMPAIGN)
    assert is_needed(MINE, replace(CAMPAIGN, status="paused"))
    for over in (
        replace(CAMPAIGN, frozen_list="another"),
        replace(CAMPAIGN, status="draft", frozen_list=None),
        replace(CAMPAIGN, status="cancelled"),
        replace(CAMPAIGN, status="paused", audience=3),
        None,
    ):
        assert not is_needed(MINE, over)
