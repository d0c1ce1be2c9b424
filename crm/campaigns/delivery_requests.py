"""Publishes requests for delivery's next steps. Publishing a request twice is harmless."""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from crm.campaigns.campaign import Campaign
from crm.kernel.broker import Broker
from crm.kernel.errors import Unavailable

logger = logging.getLogger(__name__)


@contextmanager
def left_to_the_tick(campaign_id: str) -> Iterator[None]:
    """Suppress Unavailable for requests after the campaign's status is stored: the tick publishes them.

    Answering "try again" would mislead, because the second try would raise Conflict.
    """
    try:
        yield
    except Unavailable:
        logger.warning("campaign waits for the tick", extra={"ids": {"campaign_id": campaign_id}})


async def request_freezing(broker: Broker, campaign_id: str) -> None:
    """Request that the audience of a launched campaign is frozen. Raises Unavailable."""
    await broker.publish("launches", [_body(campaign_id=campaign_id)])


async def request_partitions(broker: Broker, campaign_id: str, partitions: Iterable[int]) -> None:
    """Request that these partitions are cut into chunks. Raises Unavailable."""
    await broker.publish("partitions", [_body(campaign_id=campaign_id, partition=n) for n in partitions])


async def request_chunks(broker: Broker, campaign: Campaign, chunk_ids: Iterable[str]) -> None:
    """Request that these chunks are sent under the campaign's present rate version. Raises Unavailable."""
    name, version = campaign.campaign_id, campaign.rate_version
    await broker.publish(
        "chunks", [_body(campaign_id=name, chunk_id=each, rate_version=version) for each in chunk_ids]
    )


def _body(**fields: str | int) -> bytes:
    return json.dumps(fields).encode()
