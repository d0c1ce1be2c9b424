"""Requests of delivery's next steps, as messages. Publishing a request twice is harmless."""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from crm.campaigns.campaign import Campaign
from crm.kernel.broker import Broker
from crm.kernel.errors import Unavailable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryRequests:
    """Publishes any number of requests; the broker's adapter splits them into calls of bounded size.

    Both methods raise Unavailable; some requests may have been published then.
    """

    broker: Broker

    async def partitions(self, campaign_id: str, partitions: Iterable[int]) -> None:
        """Request that these partitions are cut into chunks."""
        bodies = [_body(campaign_id=campaign_id, partition=number) for number in partitions]
        await self.broker.publish("partitions", bodies)

    async def chunks(self, campaign: Campaign, chunk_ids: Iterable[str]) -> None:
        """Request that these chunks are sent under the campaign's present rate version."""
        name, version = campaign.campaign_id, campaign.rate_version
        bodies = [_body(campaign_id=name, chunk_id=each, rate_version=version) for each in chunk_ids]
        await self.broker.publish("chunks", bodies)


@contextmanager
def left_to_the_tick(campaign_id: str) -> Iterator[None]:
    """Suppress Unavailable for requests after the campaign's status is stored: the tick publishes them.

    Answering "try again" would mislead, because the second try would raise Conflict.
    """
    try:
        yield
    except Unavailable:
        logger.warning("campaign waits for the tick", extra={"ids": {"campaign_id": campaign_id}})


def _body(**fields: str | int) -> bytes:
    return json.dumps(fields).encode()
