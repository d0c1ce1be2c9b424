"""The messages by which delivery asks itself for the next step. Each may be asked for twice."""

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
    """For a request after the campaign's status is stored: what cannot be asked for now, the tick asks for.

    To answer "try again" instead would mislead: the second try meets a conflict.
    """
    try:
        yield
    except Unavailable:
        logger.warning("campaign waits for the tick", extra={"ids": {"campaign_id": campaign_id}})


async def request_freezing(broker: Broker, campaign_id: str) -> None:
    """Ask for the audience of a launched campaign to be frozen. Raises Unavailable."""
    await broker.publish("launches", [_body(campaign_id=campaign_id)])


async def request_partitions(broker: Broker, campaign_id: str, partitions: Iterable[int]) -> None:
    """Ask for these parts of the audience. Raises Unavailable."""
    await broker.publish("partitions", [_body(campaign_id=campaign_id, partition=n) for n in partitions])


async def request_chunks(broker: Broker, campaign: Campaign, chunk_ids: Iterable[str]) -> None:
    """Ask for these chunks to be sent, as long as the campaign's rate stays as it is. Raises Unavailable."""
    name, version = campaign.campaign_id, campaign.rate_version
    await broker.publish(
        "chunks", [_body(campaign_id=name, chunk_id=each, rate_version=version) for each in chunk_ids]
    )


def _body(**fields: str | int) -> bytes:
    return json.dumps(fields).encode()
